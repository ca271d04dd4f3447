import type { Plan } from './choices.ts';
import type { Mutation } from './mutation.ts';
import type { Reference } from './oracle.ts';
import { BEFORE_THE_FIRST_NIGHT, UPLOADS } from './pilot.ts';
import { runSchedule } from './schedule.ts';

/** Schedules that shrinking may run; one takes about a tenth of a second. */
const RUNS_LIMIT = 600;

export interface Shrunk {
  readonly plan: Plan;
  readonly failures: readonly string[];
  /** What is left of what the world did. */
  readonly steps: readonly string[];
}

/** What kind of a promise was broken: shrinking must not end at another one. */
const kindOf = (failure: string): string => failure.replace(/[:(].*$/s, '').replace(/\S*[/\d]\S*/g, '…');

/**
 * The fewest uploads and departures from quiet that still break the same promise: delta debugging (Zeller and
 * Hildebrandt, 2002) over the numbers of the departures, then over the uploads.
 */
export async function shrink(
  plan: Plan,
  reference: Reference,
  mutation: Mutation | null = null,
  limit = RUNS_LIMIT,
): Promise<Shrunk> {
  const first = await runSchedule(plan, reference, mutation);
  const kinds = new Set(first.failures.map(kindOf));
  let runs = 0;
  const fails = async (tried: Plan): Promise<boolean> => {
    runs += 1;
    if (runs > limit) return false;
    return (await runSchedule(tried, reference, mutation)).failures.some((f) => kinds.has(kindOf(f)));
  };
  let best: Plan = { ...plan, only: first.departures.map((d) => d.at) };
  const withFewer = async (): Promise<void> => {
    const only = await fewest(best.only ?? [], (kept) => fails({ ...best, only: kept }));
    best = { ...best, only };
  };
  await withFewer();
  for (const at of UPLOADS.keys()) {
    if (at < BEFORE_THE_FIRST_NIGHT) continue;
    const tried = { ...best, uploads: (best.uploads ?? [...UPLOADS.keys()]).filter((i) => i !== at) };
    if (await fails(tried)) best = tried;
  }
  await withFewer();
  const { failures, departures } = await runSchedule(best, reference, mutation);
  return { plan: best, failures, steps: departures.map((d) => d.what) };
}

/** ddmin: a part of the items that still fails, from which no single one can be taken. */
async function fewest(
  items: readonly number[],
  fails: (kept: readonly number[]) => Promise<boolean>,
): Promise<readonly number[]> {
  let kept = items;
  let parts = 2;
  while (kept.length > 0) {
    const size = Math.ceil(kept.length / parts);
    let smaller: readonly number[] | null = null;
    for (let from = 0; from < kept.length && !smaller; from += size) {
      const rest = [...kept.slice(0, from), ...kept.slice(from + size)];
      if (await fails(rest)) smaller = rest;
    }
    if (smaller) {
      kept = smaller;
      parts = Math.max(parts - 1, 2);
    } else if (size === 1) return kept;
    else parts = Math.min(parts * 2, kept.length);
  }
  return kept;
}
