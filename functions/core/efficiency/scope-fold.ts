import type { Field } from '../telemetry/sample.ts';
import {
  COUNTERS,
  type CounterTrack,
  GAUGES,
  type Point,
  type ReadingLog,
  type Segment,
  type Track,
} from '../telemetry/segment.ts';
import { CounterBuilder, clipInto, TrackBuilder } from '../telemetry/track-builder.ts';

/** A use of a source: the source as a whole, and the part of it that lies in the run (and in its stretch). */
export interface FoldPart {
  readonly whole: Segment;
  readonly clipped: Segment;
  readonly isWhole: boolean;
}

export interface FoldedScope {
  /** What was read within the run, the intervals between sources joined. */
  readonly segment: Segment;
  /** Run time outside the readings, held at the nearest reading (before conversion). */
  readonly heldMs: number;
  readonly heldJ: number;
  /** Readings on both sides of run start and of run stop. */
  readonly isBracketed: boolean;
  /** Largest interval between readings in everything that was read, inside the run or not. */
  readonly maxGapMs: number | null;
}

type AnyTrack = Track | CounterTrack;

function foldField(
  builder: TrackBuilder | CounterBuilder,
  parts: readonly { whole: AnyTrack; clipped: AnyTrack | undefined; isWhole: boolean }[],
  startMs: number,
  stopMs: number,
): void {
  let previous: Point | null = null;
  for (const { whole, clipped, isWhole } of parts) {
    const first = isWhole ? whole.first : (clipped?.first ?? whole.first);
    if (previous && first.timeMs > previous.timeMs) {
      clipInto(builder, previous, first, startMs, stopMs);
      if (first.timeMs >= startMs && first.timeMs <= stopMs) builder.point({ ...first, isCut: true });
    }
    if (clipped) (builder as { append(track: AnyTrack): void }).append(clipped);
    previous = isWhole ? whole.last : (clipped?.last ?? whole.last);
  }
}

/** The parts of a scope that one field is read from, in time order. */
export type PartsOf = (field: Field) => readonly FoldPart[];

/** Joins the parts of one scope to what was read of it between run start and run stop. */
export function foldScope(partsOf: PartsOf, startMs: number, stopMs: number): FoldedScope {
  const gauges: { [F in Field]?: Track } = {};
  const counters: { [F in Field]?: CounterTrack } = {};
  for (const field of GAUGES) {
    const builder = new TrackBuilder(field);
    const parts = tracksOf(partsOf(field), (s) => s.gauges[field]);
    foldField(builder, parts, startMs, stopMs);
    const track = builder.build();
    if (track) gauges[field] = track;
  }
  for (const field of COUNTERS) {
    const builder = new CounterBuilder();
    const parts = tracksOf(partsOf(field), (s) => s.counters[field]);
    foldField(builder, parts, startMs, stopMs);
    const track = builder.build();
    if (track) counters[field] = track;
  }
  return { segment: { gauges, counters }, ...ends(partsOf('power_w'), startMs, stopMs) };
}

function tracksOf<T extends AnyTrack>(
  parts: readonly FoldPart[],
  pick: (segment: Segment) => T | undefined,
): { whole: T; clipped: T | undefined; isWhole: boolean }[] {
  return parts.flatMap((part) => {
    const whole = pick(part.whole);
    return whole ? [{ whole, clipped: pick(part.clipped), isWhole: part.isWhole }] : [];
  });
}

/** What lies between the run's ends and the nearest readings of power. */
function ends(parts: readonly FoldPart[], startMs: number, stopMs: number): Omit<FoldedScope, 'segment'> {
  const powers = parts.flatMap(({ whole }) => (whole.gauges.power_w ? [whole.gauges.power_w] : []));
  const [head, tail] = [powers[0], powers.at(-1)];
  if (!head || !tail) return { heldMs: 0, heldJ: 0, isBracketed: false, maxGapMs: null };
  const before = Math.max(0, Math.min(head.first.timeMs, stopMs) - startMs);
  const after = Math.max(0, stopMs - Math.max(tail.last.timeMs, startMs));
  const joints = powers.slice(1).map((p, i) => p.first.timeMs - (powers[i] as Track).last.timeMs);
  return {
    heldMs: before + after,
    heldJ: (before * head.first.value + after * tail.last.value) / 1000,
    isBracketed: head.first.timeMs <= startMs && tail.last.timeMs >= stopMs,
    maxGapMs: Math.max(...powers.map((p) => p.maxIntervalMs), ...joints),
  };
}

/**
 * Two power logs of one scope, `a` before `b`, as one: the interval between them goes to the first reading of
 * `b`, unless `b` opened a measurement of its own.
 */
export function mergeLogs(a: ReadingLog, b: ReadingLog): ReadingLog {
  const joint = b.startMs === null ? (b.first.powerW * (b.first.timeMs - a.lastMs)) / 1000 : 0;
  return {
    startMs: a.startMs,
    stopMs: b.stopMs ?? a.stopMs,
    first: a.first,
    lastMs: b.lastMs,
    rectangleJ: a.rectangleJ + joint + b.rectangleJ,
  };
}
