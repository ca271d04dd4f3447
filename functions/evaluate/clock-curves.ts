import { CURVES_PER_FILE, type PowerCurve } from '../core/efficiency/clock-check.ts';
import type { PowerPiece } from '../core/efficiency/clock-fit.ts';
import { ruleFor } from '../core/telemetry/file-rule.ts';
import type { RunManifest } from '../core/telemetry/manifest.ts';
import type { Receipt } from '../core/telemetry/receipt.ts';
import type { Segment } from '../core/telemetry/segment.ts';
import { innerPath } from '../platform/decompress.ts';
import { limitOf } from './reread.ts';
import type { SourceSegments } from './scope-sources.ts';

/** Mean power window by window; a window with a gap in it is left out. */
function piecesOf(windows: readonly Segment[]): PowerPiece[] {
  const limitMs = limitOf(windows);
  return windows.flatMap(({ gauges: { power_w: power } }): PowerPiece[] => {
    if (!power || power.maxIntervalMs > limitMs || power.last.timeMs <= power.first.timeMs) return [];
    const [fromMs, toMs] = [power.first.timeMs, power.last.timeMs];
    return [{ fromMs, toMs, meanW: power.integral / ((toMs - fromMs) / 1000) }];
  });
}

/** The whole power of every file, inside the run or not, for a few of its scopes: where the clock check looks for steps. */
export function powerCurves(
  manifest: RunManifest,
  receipts: readonly Receipt[],
  segments: ReadonlyMap<string, SourceSegments>,
): PowerCurve[] {
  return receipts.flatMap(({ path }) => {
    const { clockOffsetMs = 0, timeZone } = ruleFor(manifest, innerPath(path));
    const scopes = [...(segments.get(path) ?? [])].filter(([, windows]) =>
      windows.some((w) => w.gauges.power_w),
    );
    const every = Math.ceil(scopes.length / CURVES_PER_FILE);
    return scopes
      .filter((_, i) => i % every === 0)
      .map(
        ([scope, windows]): PowerCurve => ({
          path,
          scope,
          clockOffsetMs,
          timeZone,
          pieces: piecesOf(windows),
        }),
      );
  });
}
