import { InputError } from '../errors.ts';
import type { Field } from './sample.ts';
import { COUNTERS, type CounterTrack, GAUGES, type Segment, type Track } from './segment.ts';
import { CounterBuilder, TrackBuilder } from './track-builder.ts';

function requireOrder(
  before: { last: { timeMs: number } },
  after: { first: { timeMs: number } },
  field: Field,
): void {
  if (after.first.timeMs < before.last.timeMs) {
    throw new InputError(
      'segments-overlap',
      `${field}: a segment that ends at ${before.last.timeMs} cannot be merged with one that begins at ${after.first.timeMs}`,
    );
  }
}

/** Two tracks of one field that are neighbours in time, as one. Associative. */
export function mergeTracks(a: Track, b: Track, field: Field): Track {
  requireOrder(a, b, field);
  const builder = new TrackBuilder(field);
  builder.append(a);
  builder.append(b);
  return builder.build() as Track;
}

export function mergeCounters(a: CounterTrack, b: CounterTrack, field: Field): CounterTrack {
  requireOrder(a, b, field);
  const builder = new CounterBuilder();
  builder.append(a);
  builder.append(b);
  return builder.build() as CounterTrack;
}

/**
 * Two neighbouring segments of one scope, `a` before `b`, as one: sums add, and the interval between them joins
 * in. Merging is associative, and equals summarising all samples at once.
 *
 * @throws InputError `segments-overlap` where `b` begins before `a` ends.
 */
export function mergeSegments(a: Segment, b: Segment): Segment {
  const gauges: { [F in Field]?: Track } = { ...a.gauges };
  for (const field of GAUGES) {
    const [left, right] = [a.gauges[field], b.gauges[field]];
    if (right) gauges[field] = left ? mergeTracks(left, right, field) : right;
  }
  const counters: { [F in Field]?: CounterTrack } = { ...a.counters };
  for (const field of COUNTERS) {
    const [left, right] = [a.counters[field], b.counters[field]];
    if (right) counters[field] = left ? mergeCounters(left, right, field) : right;
  }
  return { gauges, counters };
}

export const EMPTY_SEGMENT: Segment = { gauges: {}, counters: {} };

export function mergeAll(segments: Iterable<Segment>): Segment {
  let whole = EMPTY_SEGMENT;
  for (const segment of segments) whole = mergeSegments(whole, segment);
  return whole;
}
