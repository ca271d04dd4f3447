import { DRAWN_AT, type TimelineBins } from '../core/efficiency/timeline-bins.ts';
import { ruleFor } from '../core/telemetry/file-rule.ts';
import type { ScopeKind } from '../core/telemetry/formats/format.ts';
import { GAP_FLOOR_MS, gapLimitMs, medianPeriodMs } from '../core/telemetry/ledger.ts';
import type { RunManifest } from '../core/telemetry/manifest.ts';
import { EMPTY_SEGMENT, mergeSegments } from '../core/telemetry/merge.ts';
import { POWER_LIMITS_W } from '../core/telemetry/plausible.ts';
import type { Receipt } from '../core/telemetry/receipt.ts';
import { FIELDS, FIRST_COUNTER, POWER } from '../core/telemetry/sample.ts';
import type { Segment } from '../core/telemetry/segment.ts';
import { SegmentFold } from '../core/telemetry/segment-fold.ts';
import { clipEdges } from '../core/telemetry/window-edges.ts';
import { innerPath } from '../platform/decompress.ts';
import type { ObjectStore } from '../platform/object-store.ts';
import { readSource, type SourceTarget, sliceOf } from '../platform/source.ts';
import type { PowerWindows } from './power-windows.ts';

/** A stretch that one scope of a source is clipped to. */
export interface Stretch {
  readonly scope: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** All stretches of one time: what lies in it, scope by scope. */
class ClipFold {
  readonly segments: Segment[] = [];
  readonly fold: SegmentFold;

  constructor({ fromMs, toMs }: Stretch) {
    this.fold = new SegmentFold(clipEdges(fromMs, toMs), (scope, closed) => {
      for (const { windowMs, segment } of closed.segments())
        if (windowMs === fromMs && fromMs < toMs)
          this.segments[scope] = mergeSegments(this.segments[scope] as Segment, segment);
    });
  }

  addScope(kind: ScopeKind): number {
    this.segments.push(EMPTY_SEGMENT);
    return this.fold.addScope(POWER_LIMITS_W[kind]);
  }
}

/** One stretch's part of the samples of its scope: a scope of a fold. */
interface Clip {
  readonly clip: ClipFold;
  readonly index: number;
}

interface ScopeState {
  readonly id: string;
  readonly clips: readonly Clip[];
  /** What lies over a longer interval is not drawn. */
  readonly limitMs: number;
  /** Its index in the timeline. */
  readonly drawn: number;
  readonly isPowerDrawn: boolean;
  /** By field: the reading before. */
  readonly beforeMs: Float64Array;
  readonly before: Float64Array;
}

/** Clips the samples of a source to stretches, and draws its power on the timeline as it passes. */
class ClipTarget implements SourceTarget {
  /** In the order of the stretches; null where the source has no such scope. */
  readonly clips: (Clip | null)[];
  private readonly byScope: ScopeState[] = [];
  /** By their time: scopes that are clipped alike, as nearly all are, share one. */
  private readonly folds = new Map<string, ClipFold>();
  private readonly byName = new Map<string, [number, Stretch][]>();
  readonly timeline: TimelineBins;
  /** Of the sample before, which mostly has the same; and those of them that are drawn. */
  private fields: readonly number[] = [];
  private drawnFields: readonly number[] = [];
  private readonly limits: ReadonlyMap<string, number>;

  constructor(stretches: readonly Stretch[], timeline: TimelineBins, limits: ReadonlyMap<string, number>) {
    for (const [i, stretch] of stretches.entries()) {
      const own = this.byName.get(stretch.scope);
      if (own) own.push([i, stretch]);
      else this.byName.set(stretch.scope, [[i, stretch]]);
    }
    this.clips = stretches.map(() => null);
    this.timeline = timeline;
    this.limits = limits;
  }

  addScope(id: string, kind: ScopeKind): void {
    const clips: Clip[] = [];
    for (const [i, stretch] of this.byName.get(id) ?? []) {
      const fold = this.foldOf(stretch);
      const clip: Clip = { clip: fold, index: fold.addScope(kind) };
      this.clips[i] = clip;
      clips.push(clip);
    }
    this.byScope.push({
      id,
      clips,
      limitMs: this.limits.get(id) ?? GAP_FLOOR_MS,
      drawn: this.timeline.scope(id),
      isPowerDrawn: this.limits.has(id),
      beforeMs: new Float64Array(FIELDS.length).fill(Number.NaN),
      before: new Float64Array(FIELDS.length),
    });
  }

  private foldOf(stretch: Stretch): ClipFold {
    const key = `${stretch.fromMs} ${stretch.toMs}`;
    const known = this.folds.get(key);
    if (known) return known;
    const fold = new ClipFold(stretch);
    this.folds.set(key, fold);
    return fold;
  }

  sample(scope: number, timeMs: number, values: Float64Array, fields: readonly number[]): void {
    const state = this.byScope[scope] as ScopeState;
    for (const { clip, index } of state.clips) clip.fold.sample(index, timeMs, values, fields);
    if (state.clips.length === 0) return;
    if (fields !== this.fields) {
      this.fields = fields;
      this.drawnFields = fields.filter((field) => (DRAWN_AT[field] as number) >= 0);
    }
    for (const field of this.drawnFields) this.draw(state, field, timeMs, values[field] as number);
  }

  private draw(state: ScopeState, field: number, timeMs: number, value: number): void {
    if (Number.isNaN(value) || (field === POWER && !state.isPowerDrawn)) return;
    const { beforeMs, before } = state;
    const drawn = DRAWN_AT[field] as number;
    const fromMs = beforeMs[field] as number;
    const from = before[field] as number;
    beforeMs[field] = timeMs;
    before[field] = value;
    // A gap is not drawn: what was not read is a hole.
    const lengthMs = timeMs - fromMs;
    if (!(lengthMs > 0 && lengthMs <= state.limitMs)) return;
    if (field < FIRST_COUNTER) this.timeline.add(drawn, state.drawn, fromMs, from, timeMs, value);
    else if (value >= from) {
      const rate = (value - from) / (lengthMs / 1000);
      this.timeline.add(drawn, state.drawn, fromMs, rate, timeMs, rate);
    }
  }

  finish(): Segment[] {
    for (const { fold } of this.folds.values()) fold.finish();
    return this.clips.map((clip) => clip?.clip.segments[clip.index] ?? EMPTY_SEGMENT);
  }
}

/**
 * Reads one source again for the parts of it that its windows cannot tell: what lies between run start and stop
 * where an end of the run falls into it. Returns one segment a stretch, in the order given.
 */
export async function rereadSource(
  landing: ObjectStore,
  receipt: Receipt,
  manifest: RunManifest,
  stretches: readonly Stretch[],
  timeline: TimelineBins,
  limits: ReadonlyMap<string, number>,
): Promise<Segment[]> {
  const { key, version } = receipt.source;
  const { target } = await readSource({
    open: () => landing.get(key, { version }),
    slice: sliceOf(landing, receipt.source),
    path: receipt.path,
    rule: ruleFor(manifest, innerPath(receipt.path)),
    // A reading that has to begin anew draws on a timeline of its own, too.
    makeTarget: () => new ClipTarget(stretches, timeline.blank(), limits),
  });
  timeline.absorb(target.timeline);
  return target.finish();
}

/** Draws windows that were not read again: one mean a window. */
export function drawWindows(
  timeline: TimelineBins,
  scope: string,
  windows: PowerWindows,
  limitMs: number,
): void {
  const drawn = timeline.scope(scope);
  const at = DRAWN_AT[POWER] as number;
  windows.visit(limitMs, (fromMs, toMs, meanW) => timeline.add(at, drawn, fromMs, meanW, toMs, meanW));
}

/** The gap limit of a scope, from all of its readings. */
export function limitOf(wholes: readonly (Segment | null)[]): number {
  const powers = wholes.flatMap((whole) => whole?.gauges.power_w ?? []);
  return gapLimitMs(medianPeriodMs(powers.map((power) => power.ledger)));
}
