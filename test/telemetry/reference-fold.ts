import { FIELDS, FIRST_COUNTER, type Field } from '../../functions/core/telemetry/sample.ts';
import type { CounterTrack, Point, Segment, Track } from '../../functions/core/telemetry/segment.ts';
import {
  CounterBuilder,
  clipInterval,
  clipInto,
  TrackBuilder,
} from '../../functions/core/telemetry/track-builder.ts';

/** Windows are cut at multiples of this. */
export const WINDOW_MS = 60_000;

class SegmentBuilder {
  private readonly gauges: { [F in Field]?: TrackBuilder } = {};
  private readonly counters: { [F in Field]?: CounterBuilder } = {};

  gauge(field: Field): TrackBuilder {
    this.gauges[field] ??= new TrackBuilder(field);
    return this.gauges[field];
  }

  counter(field: Field): CounterBuilder {
    this.counters[field] ??= new CounterBuilder();
    return this.counters[field];
  }

  build(): Segment {
    const gauges: { [F in Field]?: Track } = {};
    const counters: { [F in Field]?: CounterTrack } = {};
    for (const [field, builder] of Object.entries(this.gauges)) {
      const track = builder.build();
      if (track) gauges[field as Field] = track;
    }
    for (const [field, builder] of Object.entries(this.counters)) {
      const track = builder.build();
      if (track) counters[field as Field] = track;
    }
    return { gauges, counters };
  }
}

/** A segment and the multiple of 60 s that it begins in. */
export interface Window {
  readonly windowMs: number;
  readonly segment: Segment;
}

/**
 * Summarises the samples of one scope, given in time order, as windows. An interval that crosses a multiple of
 * 60 s is cut there, its value interpolated, so that the sum over windows is the sum over the whole. A stretch of
 * whole windows without a reading becomes one window, however long it is.
 */
export class WindowAccumulator {
  private readonly previous: (Point | undefined)[] = new Array(FIELDS.length);
  private readonly open = new Map<number, SegmentBuilder>();
  private readonly emit: (window: Window) => void;
  private currentMs = Number.NaN;

  constructor(emit: (window: Window) => void) {
    this.emit = emit;
  }

  sample(timeMs: number, values: Float64Array): void {
    const windowMs = Math.floor(timeMs / WINDOW_MS) * WINDOW_MS;
    for (let index = 0; index < FIELDS.length; index += 1) {
      const value = values[index] as number;
      if (Number.isNaN(value)) continue;
      const field = FIELDS[index] as Field;
      const reading: Point = { timeMs, value, isCut: false };
      const from = this.previous[index];
      if (from && timeMs > from.timeMs) this.span(field, index, from, reading);
      const builder = this.window(windowMs);
      (index < FIRST_COUNTER ? builder.gauge(field) : builder.counter(field)).point(reading);
      this.previous[index] = reading;
    }
    if (windowMs !== this.currentMs) this.flushBefore(windowMs);
    this.currentMs = windowMs;
  }

  /** Books the interval from..to under every window that it touches. */
  private span(field: Field, index: number, from: Point, to: Point): void {
    const firstEdge = Math.floor(from.timeMs / WINDOW_MS) * WINDOW_MS + WINDOW_MS;
    const lastEdge = Math.floor(to.timeMs / WINDOW_MS) * WINDOW_MS;
    const edges = [from.timeMs, ...(firstEdge <= lastEdge ? [firstEdge] : [])];
    if (lastEdge > firstEdge) edges.push(lastEdge);
    edges.push(to.timeMs);
    for (let i = 0; i + 1 < edges.length; i += 1) {
      const piece = clipInterval(from, to, edges[i] as number, edges[i + 1] as number);
      if (!piece) continue;
      const windowMs = Math.floor(piece[0].timeMs / WINDOW_MS) * WINDOW_MS;
      const endsAt = piece[1].timeMs === to.timeMs;
      // A reading on an edge belongs to the window that it opens; the one that it closes ends in a cut.
      const end: Point = endsAt && to.timeMs === lastEdge ? { ...to, isCut: true } : piece[1];
      this.book(field, index, windowMs, piece[0], end, { from, to, endsHere: endsAt });
    }
  }

  private book(
    field: Field,
    index: number,
    windowMs: number,
    start: Point,
    end: Point,
    whole: { from: Point; to: Point; endsHere: boolean },
  ): void {
    const builder = this.window(windowMs);
    const track = index < FIRST_COUNTER ? builder.gauge(field) : builder.counter(field);
    // A window that was handed on already goes on from the reading that it ended with.
    if (start.isCut || track.end === null) track.point({ ...start, isCut: true });
    if (track instanceof TrackBuilder)
      track.piece(start, end, whole.to.timeMs - whole.from.timeMs, whole.endsHere);
    else track.piece(start, end, whole.to.value < whole.from.value, whole.endsHere);
    if (end.isCut) track.point(end);
  }

  private window(windowMs: number): SegmentBuilder {
    let builder = this.open.get(windowMs);
    if (!builder) {
      builder = new SegmentBuilder();
      this.open.set(windowMs, builder);
    }
    return builder;
  }

  /**
   * Hands on the windows before this one. A field that is read more rarely than once a window opens them again
   * later, and they are then handed on a second time with that field alone: its own order in time is kept.
   */
  private flushBefore(windowMs: number): void {
    for (const key of [...this.open.keys()].sort((a, b) => a - b)) {
      if (key >= windowMs) break;
      this.emit({ windowMs: key, segment: (this.open.get(key) as SegmentBuilder).build() });
      this.open.delete(key);
    }
  }

  finish(): void {
    this.flushBefore(Number.POSITIVE_INFINITY);
  }
}

/** Summarises the part of one scope's samples, given in time order, that lies in startMs..stopMs. */
export class ClipAccumulator {
  private readonly previous: (Point | undefined)[] = new Array(FIELDS.length);
  private readonly builder = new SegmentBuilder();
  private readonly startMs: number;
  private readonly stopMs: number;

  constructor(startMs: number, stopMs: number) {
    this.startMs = startMs;
    this.stopMs = stopMs;
  }

  sample(timeMs: number, values: Float64Array): void {
    for (let index = 0; index < FIELDS.length; index += 1) {
      const value = values[index] as number;
      if (Number.isNaN(value)) continue;
      const field = FIELDS[index] as Field;
      const reading: Point = { timeMs, value, isCut: false };
      const from = this.previous[index];
      this.previous[index] = reading;
      const track = index < FIRST_COUNTER ? this.builder.gauge(field) : this.builder.counter(field);
      if (from) clipInto(track, from, reading, this.startMs, this.stopMs);
      if (timeMs >= this.startMs && timeMs <= this.stopMs) track.point(reading);
    }
  }

  build(): Segment {
    return this.builder.build();
  }
}
