import { book, bucketOf } from './ledger.ts';
import { FIELDS, type Field, POWER } from './sample.ts';
import type { CounterTrack, LedgerEntry, Point, Track } from './segment.ts';

/** Value at `timeMs` on the straight line between two readings. */
export function interpolate(from: Point, to: Point, timeMs: number): number {
  const share = (timeMs - from.timeMs) / (to.timeMs - from.timeMs);
  return from.value + share * (to.value - from.value);
}

/** The part of the interval from..to that lies in startMs..stopMs; its ends are cuts where it was cut. */
export function clipInterval(from: Point, to: Point, startMs: number, stopMs: number): [Point, Point] | null {
  if (to.timeMs <= startMs || from.timeMs >= stopMs || to.timeMs <= from.timeMs) return null;
  const cut = (timeMs: number): Point => ({ timeMs, value: interpolate(from, to, timeMs), isCut: true });
  return [from.timeMs < startMs ? cut(startMs) : from, to.timeMs > stopMs ? cut(stopMs) : to];
}

/**
 * Builds the track of one field from readings in time order. What it sums is what `Track` says; the trapezoid
 * over an interval of length d between readings p and q is d (p + q) / 2.
 */
export class TrackBuilder {
  private first: Point | null = null;
  private last: Point | null = null;
  private readings = 0;
  private integral = 0;
  private min = Number.POSITIVE_INFINITY;
  private max = Number.NEGATIVE_INFINITY;
  private maxIntervalMs = 0;
  /** Booked for power alone: what was measured and what bridges a gap is asked of energy. */
  private readonly ledger: Map<number, LedgerEntry> | null;

  constructor(field: Field) {
    this.ledger = field === FIELDS[POWER] ? new Map() : null;
  }

  /** A point of the track: a reading, or the cut where an interval enters or leaves it. */
  point(point: Point): void {
    this.first ??= point;
    this.last = point;
    if (!point.isCut) this.readings += 1;
    if (point.value < this.min) this.min = point.value;
    if (point.value > this.max) this.max = point.value;
  }

  /** A piece of an interval of `lengthMs` between readings; the interval is counted where it ends. */
  piece(from: Point, to: Point, lengthMs: number, endsHere: boolean): void {
    const timeMs = to.timeMs - from.timeMs;
    const integral = (timeMs / 1000) * ((from.value + to.value) / 2);
    this.integral += integral;
    if (lengthMs > this.maxIntervalMs) this.maxIntervalMs = lengthMs;
    if (this.ledger) book(this.ledger, bucketOf(lengthMs), { count: endsHere ? 1 : 0, timeMs, integral });
  }

  /** Joins a neighbour that begins where this track ends, or later. */
  append(track: Track): void {
    if (this.last && track.first.timeMs > this.last.timeMs) {
      this.piece(this.last, track.first, track.first.timeMs - this.last.timeMs, true);
    }
    this.first ??= track.first;
    this.last = track.last;
    this.readings += track.readings;
    this.integral += track.integral;
    this.min = Math.min(this.min, track.min);
    this.max = Math.max(this.max, track.max);
    this.maxIntervalMs = Math.max(this.maxIntervalMs, track.maxIntervalMs);
    if (this.ledger) for (const [bucket, entry] of track.ledger) book(this.ledger, bucket, entry);
  }

  get end(): Point | null {
    return this.last;
  }

  build(): Track | null {
    if (!this.first || !this.last) return null;
    const { first, last, readings, integral, min, max, maxIntervalMs } = this;
    return { first, last, readings, integral, min, max, maxIntervalMs, ledger: this.ledger ?? new Map() };
  }
}

/** As `TrackBuilder`, for a counter: sums rises; a fall is a reset, and its interval adds nothing. */
export class CounterBuilder {
  private first: Point | null = null;
  private last: Point | null = null;
  private readings = 0;
  private delta = 0;
  private resets = 0;
  private brokenMs = 0;

  point(point: Point): void {
    this.first ??= point;
    this.last = point;
    if (!point.isCut) this.readings += 1;
  }

  /** A piece of the interval between two readings; `isBroken` says that the counter did not just rise over it. */
  piece(from: Point, to: Point, isBroken: boolean, endsHere: boolean): void {
    if (!isBroken) this.delta += to.value - from.value;
    else {
      this.brokenMs += to.timeMs - from.timeMs;
      if (endsHere) this.resets += 1;
    }
  }

  append(track: CounterTrack): void {
    if (this.last && track.first.timeMs > this.last.timeMs) {
      this.piece(this.last, track.first, track.first.value < this.last.value, true);
    }
    this.first ??= track.first;
    this.last = track.last;
    this.readings += track.readings;
    this.delta += track.delta;
    this.resets += track.resets;
    this.brokenMs += track.brokenMs;
  }

  get end(): Point | null {
    return this.last;
  }

  build(): CounterTrack | null {
    if (!this.first || !this.last) return null;
    return {
      first: this.first,
      last: this.last,
      readings: this.readings,
      delta: this.delta,
      resets: this.resets,
      brokenMs: this.brokenMs,
    };
  }
}

/** Adds the part of the interval from..to that lies in startMs..stopMs to a track, cuts included. */
export function clipInto(
  track: TrackBuilder | CounterBuilder,
  from: Point,
  to: Point,
  startMs: number,
  stopMs: number,
): void {
  const piece = clipInterval(from, to, startMs, stopMs);
  if (!piece) return;
  const endsHere = piece[1].timeMs === to.timeMs;
  if (piece[0].isCut) track.point(piece[0]);
  if (track instanceof TrackBuilder) track.piece(piece[0], piece[1], to.timeMs - from.timeMs, endsHere);
  else track.piece(piece[0], piece[1], to.value < from.value, endsHere);
  if (piece[1].isCut) track.point(piece[1]);
}
