import type { TimelineBuilder } from '../core/efficiency/timeline.ts';
import { ruleFor } from '../core/telemetry/file-rule.ts';
import { gapLimitMs, medianPeriodMs } from '../core/telemetry/ledger.ts';
import type { RunManifest } from '../core/telemetry/manifest.ts';
import { readTelemetry } from '../core/telemetry/read.ts';
import type { Receipt } from '../core/telemetry/receipt.ts';
import { POWER } from '../core/telemetry/sample.ts';
import type { Segment } from '../core/telemetry/segment.ts';
import { type SampleTarget, SourceReading } from '../core/telemetry/source-reading.ts';
import { ClipAccumulator } from '../core/telemetry/windows.ts';
import { decompress, innerPath } from '../platform/decompress.ts';
import type { ObjectStore } from '../platform/object-store.ts';

/** A stretch that one scope of a source is clipped to. */
export interface Stretch {
  readonly scope: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Clips the samples of a source to stretches, and draws its power on the timeline as it passes. */
class ClipTarget implements SampleTarget {
  readonly clips: readonly { stretch: Stretch; accumulator: ClipAccumulator }[];
  private readonly previous = new Map<string, { timeMs: number; powerW: number }>();
  private readonly timeline: TimelineBuilder;
  private readonly limits: ReadonlyMap<string, number>;

  constructor(stretches: readonly Stretch[], timeline: TimelineBuilder, limits: ReadonlyMap<string, number>) {
    this.clips = stretches.map((stretch) => ({
      stretch,
      accumulator: new ClipAccumulator(stretch.fromMs, stretch.toMs),
    }));
    this.timeline = timeline;
    this.limits = limits;
  }

  sample(scope: string, timeMs: number, values: Float64Array): void {
    for (const { stretch, accumulator } of this.clips)
      if (stretch.scope === scope) accumulator.sample(timeMs, values);
    const powerW = values[POWER] as number;
    if (Number.isNaN(powerW) || !this.limits.has(scope)) return;
    const before = this.previous.get(scope);
    this.previous.set(scope, { timeMs, powerW });
    if (before)
      drawInterval(this.timeline, scope, before, { timeMs, powerW }, this.limits.get(scope) as number);
  }
}

/** A gap is not drawn: what was not read is a hole. */
function drawInterval(
  timeline: TimelineBuilder,
  scope: string,
  from: { timeMs: number; powerW: number },
  to: { timeMs: number; powerW: number },
  limitMs: number,
): void {
  if (to.timeMs <= from.timeMs || to.timeMs - from.timeMs > limitMs) return;
  timeline.add(scope, from.timeMs, from.powerW, to.timeMs, to.powerW);
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
  timeline: TimelineBuilder,
  limits: ReadonlyMap<string, number>,
  signal?: AbortSignal,
): Promise<Segment[]> {
  const { key, version } = receipt.source;
  const object = await landing.get(key, { version, ...(signal ? { signal } : {}) });
  const target = new ClipTarget(stretches, timeline, limits);
  const path = innerPath(receipt.path);
  const rule = ruleFor(manifest, path);
  const reading = new SourceReading(rule, target);
  await readTelemetry(decompress(object.body, receipt.path), path, rule, reading);
  reading.finish();
  return target.clips.map(({ accumulator }) => accumulator.build());
}

/** Draws windows that were not read again: one mean a window. */
export function drawWindows(
  timeline: TimelineBuilder,
  scope: string,
  windows: readonly Segment[],
  limitMs: number,
): void {
  for (const { gauges } of windows) {
    const power = gauges.power_w;
    if (!power || power.maxIntervalMs > limitMs) continue;
    const spanS = (power.last.timeMs - power.first.timeMs) / 1000;
    if (spanS <= 0) continue;
    const meanW = power.integral / spanS;
    timeline.add(scope, power.first.timeMs, meanW, power.last.timeMs, meanW);
  }
}

/** The gap limit of a scope, from all of its readings. */
export function limitOf(windows: readonly Segment[]): number {
  return gapLimitMs(
    medianPeriodMs(windows.flatMap(({ gauges }) => (gauges.power_w ? [gauges.power_w.ledger] : []))),
  );
}
