import * as z from 'zod';
import { InputError } from '../core/errors.ts';
import type { TimeRange } from './run-time.ts';

const InstantSchema = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

/**
 * Input of an execution of the night: nothing for a night, or what to replay. A replay evaluates every run that it
 * names, stale or not, and decides the programs of those runs.
 */
const NightInputSchema = z.strictObject({
  prefix: z
    .string()
    .regex(/^[^/]*(\/[^/]*\/?)?$/, 'expected the beginning of <program>/<run>/')
    .optional()
    .describe('runs whose <program>/<run>/ begins with this'),
  from: InstantSchema.optional().describe('runs that ended at this time or later; RFC 3339 or a day, UTC'),
  to: InstantSchema.optional().describe('runs that began before this time; RFC 3339 or a day, UTC'),
  date: z.iso.date().optional().describe('night that is decided, UTC; the day of the start where absent'),
});

export interface Selection {
  readonly prefix: string;
  /** Null where no time was given: then runs of unknown time belong to it as well. */
  readonly range: TimeRange | null;
}

export interface NightPlan {
  /** Day of the night's decisions, UTC. */
  readonly date: string;
  /** What to replay; null for a night. */
  readonly selection: Selection | null;
}

/** @throws InputError `night-input` that names the field, `start-time` for a start that is no time. */
export function planNight(startTime: string, input: unknown): NightPlan {
  const parsed = NightInputSchema.safeParse(input ?? {});
  if (!parsed.success) {
    const issues = parsed.error.issues.map((i) => `${i.path.join('.') || 'the whole'}: ${i.message}`);
    throw new InputError('night-input', `input of the night: ${issues.join('; ')}`, { cause: parsed.error });
  }
  const { prefix, from, to, date } = parsed.data;
  const isReplay = prefix !== undefined || from !== undefined || to !== undefined;
  const hasTime = from !== undefined || to !== undefined;
  const range: TimeRange = {
    startMs: from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(from),
    stopMs: to === undefined ? Number.POSITIVE_INFINITY : Date.parse(to),
  };
  if (hasTime && range.startMs >= range.stopMs)
    throw new InputError('night-input', `input of the night: from ${from} is not before to ${to}`);
  return {
    date: date ?? dayOf(startTime),
    selection: isReplay ? { prefix: prefix ?? '', range: hasTime ? range : null } : null,
  };
}

/** Day, UTC, that a start time lies in. */
export function dayOf(startTime: string): string {
  const time = Date.parse(startTime);
  if (Number.isNaN(time))
    throw new InputError('start-time', `start time ${JSON.stringify(startTime)}: expected RFC 3339`);
  return new Date(time).toISOString().slice(0, 10);
}
