import { px } from './chart-figure.ts';
import { type Html, html } from './html.ts';

const DAY_MS = 86_400_000;
/** Room of a label of the axis, pixels. */
const DATE_DISTANCE = 58;
/** Days between labels of the axis, whichever of them leaves room. */
const DAY_STEPS = [1, 2, 7, 14, 28, 56, 91, 182, 364];

/** Days since 1970, of a night by its date. */
export const dayOf = (night: string): number => Date.parse(`${night}T00:00:00Z`) / DAY_MS;
const dateOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

export interface NightAxis {
  readonly x: (night: string) => number;
  /** Dates below the axis; of a span of more than a year with their year. */
  readonly dates: Html[];
}

/** Nights from the first to the last one, between two places in pixels; labels stand at `y`. */
export function nightAxis(
  [first, last]: readonly [string, string],
  [from, to]: readonly [number, number],
  y: number,
): NightAxis {
  const [begin, end] = [dayOf(first), dayOf(last)];
  const place = (day: number): number =>
    end > begin ? from + ((day - begin) / (end - begin)) * (to - from) : (from + to) / 2;
  const room = (to - from) / Math.max(end - begin, 1);
  const step = DAY_STEPS.find((s) => s * room >= DATE_DISTANCE) ?? (DAY_STEPS.at(-1) as number);
  const text = (day: number): string => (end - begin > 366 ? dateOf(day).slice(0, 7) : dateOf(day).slice(5));
  const count = Math.floor((end - begin) / step) + 1;
  const dates = Array.from({ length: count }, (_, i) => begin + i * step).map(
    (day) => html`<text class="soft" x="${px(place(day))}" y="${y}" text-anchor="middle">${text(day)}</text>`,
  );
  return { x: (night) => place(dayOf(night)), dates };
}
