import type { Readings } from './series-store.ts';

/** Prometheus answers for a time with the last reading of the five minutes before it. */
export const LOOK_BACK_MS = 300_000;
/** Fewer equal values than this are no pattern. */
const FEWEST = 4;

/**
 * Leaves out what a range query made up behind a scrape that stopped. A series that ends, or breaks off, with equal
 * values which fill the look-back to within two steps was not read at these times: the first of them was, the others
 * repeat it. A run that is shorter or longer than the look-back may be of a chip whose value does not change, and
 * stays.
 *
 * Source: prometheus/prometheus 12859, where 15 of 18 points of an answer are repeats.
 */
export function withoutLookBack({ times, values }: Readings): Readings {
  const stepMs = shortestStep(times);
  const kept: { times: number[]; values: number[] } = { times: [], values: [] };
  let from = 0;
  for (let i = 0; i < times.length; i += 1) {
    const isEnd = i === times.length - 1 || (times[i + 1] as number) - (times[i] as number) > 1.5 * stepMs;
    const isRunEnd = isEnd || values[i + 1] !== values[i];
    if (!isRunEnd) continue;
    const spanMs = (times[i] as number) - (times[from] as number);
    const isMadeUp =
      isEnd && i - from + 1 >= FEWEST && spanMs > LOOK_BACK_MS - 2 * stepMs && spanMs <= LOOK_BACK_MS;
    const to = isMadeUp ? from : i;
    for (let k = from; k <= to; k += 1) {
      kept.times.push(times[k] as number);
      kept.values.push(values[k] as number);
    }
    from = i + 1;
  }
  return kept;
}

function shortestStep(times: readonly number[]): number {
  let shortestMs = Number.POSITIVE_INFINITY;
  for (let i = 1; i < times.length; i += 1)
    if (times[i] !== times[i - 1])
      shortestMs = Math.min(shortestMs, Math.abs((times[i] as number) - (times[i - 1] as number)));
  return shortestMs;
}
