import type { TimeForm } from './mapping.ts';
import { PLAIN_NUMBER, secondsMs } from './seconds.ts';

const DAY_MS = 86_400_000;

/** Forms of times since a start. */
export type ElapsedForm = Extract<TimeForm, `elapsed-${string}`>;
export const isElapsed = (form: TimeForm): form is ElapsedForm => form.startsWith('elapsed-');
const PER_MS = { 'elapsed-ms': 1, 'elapsed-us': 1e3, 'elapsed-ns': 1e6 } as const;
const CLOCK = /^(?:(\d+) days?,? )?(\d+):([0-5]\d):([0-5]\d(?:\.\d+)?)$/;

/** Ms since the start: a number, or `1:02:03.5` where those are seconds; null for anything else. */
export function elapsedMs(text: string, form: ElapsedForm): number | null {
  if (PLAIN_NUMBER.test(text)) return form === 'elapsed-s' ? secondsMs(text) : Number(text) / PER_MS[form];
  const [, days = '0', hours, minutes, seconds = ''] = CLOCK.exec(text) ?? [];
  if (form !== 'elapsed-s' || hours === undefined) return null;
  return Number(days) * DAY_MS + Number(hours) * 3.6e6 + Number(minutes) * 6e4 + secondsMs(seconds);
}
