import type { Readings } from './series-store.ts';

/** Share of its period within which a series' own reading stands for a time, so that no other is needed. */
const REACH = 0.75;

/**
 * One series out of several of the same field: all readings of the first one, and of the others those that lie
 * where it has none, further from its next reading than three quarters of its period. Replicas that scrape between
 * one another's scrapes so count once, and fill one another's holes; series that follow one another, as those of
 * successive pods do, are joined.
 */
export function mergeReadings(
  first: Readings,
  others: readonly Readings[],
  onUnread: (series: Readings) => void,
): Readings {
  let merged = inTimeOrder(first);
  for (const other of others) {
    const filling = missingIn(merged, inTimeOrder(other));
    if (filling.times.length < other.times.length) onUnread(other);
    if (filling.times.length > 0)
      merged = inTimeOrder({
        times: merged.times.concat(filling.times),
        values: merged.values.concat(filling.values),
      });
  }
  return merged;
}

/** The readings of `other` that lie in holes of `series`, or before or behind it. */
function missingIn(series: Readings, other: Readings): Readings {
  const reachMs = REACH * medianStep(series.times.length > 1 ? series.times : other.times);
  const missing: Readings = { times: [], values: [] };
  let at = 0;
  for (const [i, timeMs] of other.times.entries()) {
    while (at < series.times.length && (series.times[at] as number) < timeMs) at += 1;
    const beforeMs = timeMs - (series.times[at - 1] ?? Number.NEGATIVE_INFINITY);
    const behindMs = (series.times[at] ?? Number.POSITIVE_INFINITY) - timeMs;
    if (Math.min(beforeMs, behindMs) <= reachMs) continue;
    missing.times.push(timeMs);
    missing.values.push(other.values[i] as number);
  }
  return missing;
}

function medianStep(times: readonly number[]): number {
  const steps = Float64Array.from({ length: Math.max(times.length - 1, 0) }, (_, i) =>
    Math.abs((times[i + 1] as number) - (times[i] as number)),
  ).sort();
  return steps[steps.length >> 1] ?? 0;
}

/** In time order; equal times keep their order. */
function inTimeOrder(readings: Readings): Readings {
  const { times, values } = readings;
  if (times.every((time, i) => i === 0 || time >= (times[i - 1] as number))) return readings;
  const order = [...times.keys()].sort((a, b) => (times[a] as number) - (times[b] as number));
  return { times: order.map((i) => times[i] as number), values: order.map((i) => values[i] as number) };
}
