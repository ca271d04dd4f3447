import * as z from 'zod';
import type { Evaluation } from '../efficiency/evaluation.ts';
import { type Count, poissonInterval, poissonUpperBound } from '../statistics/counts.ts';
import type { Pair } from './pairs.ts';

const CONFIDENCE = 0.95;

/** Events of one kind on one chip, over all runs that counted them. None seen is a bound, not a zero. */
export const EventRateSchema = z.strictObject({
  role: z.enum(['candidate', 'baseline']),
  sku: z.string(),
  workload: z.string().describe('or all, where there are several'),
  event: z.enum(['interruption', 'uncorrected memory error', 'fault', 'silent error']),
  runs: z.int().describe('that counted such events'),
  uncounted: z.int().describe('runs that did not'),
  count: z.int(),
  chipHours: z.number().describe('exposure of the runs that counted'),
  perChipHour: z.number(),
  low: z.number().describe('exact Poisson interval, two-sided'),
  high: z.number(),
  atMost: z.number().describe('one-sided upper bound'),
  confidence: z.number(),
});
export type EventRate = z.infer<typeof EventRateSchema>;

type Event = EventRate['event'];

/** What a run counted; null where nothing counted. */
const COUNTS: Record<Event, (r: NonNullable<Evaluation['reliability']>) => Count | null> = {
  interruption: ({ interruptions, chipHours }) =>
    interruptions !== null && chipHours ? { events: interruptions, exposure: chipHours } : null,
  'uncorrected memory error': ({ eccUncorrected: e }) =>
    e && { events: e.count, exposure: e.exposureChipHours },
  fault: ({ faults: f }) => f && { events: f.count, exposure: f.exposureChipHours },
  'silent error': ({ sdc }) => sdc && { events: sdc.count, exposure: sdc.exposureChipHours },
};
const EVENTS = Object.keys(COUNTS) as Event[];

interface Side {
  readonly role: EventRate['role'];
  readonly sku: string;
  readonly workload: string;
  readonly runs: readonly Evaluation[];
}

function rateOf({ runs, ...about }: Side, event: Event): EventRate[] {
  const counts = runs.flatMap((e) => (e.reliability && COUNTS[event](e.reliability)) ?? []);
  if (counts.length === 0) return [];
  const total: Count = {
    events: counts.reduce((sum, c) => sum + c.events, 0),
    exposure: counts.reduce((sum, c) => sum + c.exposure, 0),
  };
  const { rate, low, high } = poissonInterval(total, CONFIDENCE);
  return [
    {
      ...about,
      event,
      runs: counts.length,
      uncounted: runs.length - counts.length,
      count: total.events,
      chipHours: total.exposure,
      perChipHour: rate,
      low,
      high,
      atMost: poissonUpperBound(total, CONFIDENCE),
      confidence: CONFIDENCE,
    },
  ];
}

/** Both sides of every pair; a run that stands in several pairs counts once. */
function sidesOf(pairs: readonly Pair[]): Side[] {
  return (['candidate', 'baseline'] as const).flatMap((role) => {
    const bySku = Map.groupBy(pairs, (p) => (role === 'candidate' ? p.candidateSku : p.baselineSku));
    return [...bySku].flatMap(([sku, own]): Side[] => {
      const byWorkload = new Map(own.map((p) => [p.workloadKey, p]));
      const each = [...byWorkload.values()].map((p) => ({ role, sku, workload: p.workload, runs: p[role] }));
      return each.length < 2
        ? each
        : [{ role, sku, workload: 'all', runs: each.flatMap((s) => s.runs) }, ...each];
    });
  });
}

/**
 * Rates of what failed, by chip and workload, each with its exact Poisson interval for one look (Garwood 1936); gates
 * that look every night read a wider one. What no run counted has no entry: not counted is not zero.
 */
export const eventRates = (pairs: readonly Pair[]): EventRate[] =>
  sidesOf(pairs)
    .flatMap((side) => EVENTS.flatMap((event) => rateOf(side, event)))
    .sort((a, b) => EVENTS.indexOf(a.event) - EVENTS.indexOf(b.event));
