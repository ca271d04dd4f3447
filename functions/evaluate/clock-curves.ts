import { CURVES_PER_FILE, type PowerCurve } from '../core/efficiency/clock-check.ts';
import type { PowerPiece } from '../core/efficiency/clock-fit.ts';
import { ruleFor } from '../core/telemetry/file-rule.ts';
import type { RunManifest } from '../core/telemetry/manifest.ts';
import type { Receipt } from '../core/telemetry/receipt.ts';
import { innerPath } from '../platform/decompress.ts';
import { limitOf } from './reread.ts';
import type { SourceSegments } from './scope-sources.ts';
import type { ScopeWindows } from './window-fold.ts';

/** Mean power window by window; a window with a gap in it is left out. */
function piecesOf(windows: ScopeWindows): PowerPiece[] {
  const pieces: PowerPiece[] = [];
  windows.power.visit(limitOf([windows.whole]), (fromMs, toMs, meanW) =>
    pieces.push({ fromMs, toMs, meanW }),
  );
  return pieces;
}

/** The whole power of every file, inside the run or not, for a few of its scopes: where the clock check looks for steps. */
export function powerCurves(
  manifest: RunManifest,
  receipts: readonly Receipt[],
  segments: ReadonlyMap<string, SourceSegments>,
): PowerCurve[] {
  return receipts.flatMap(({ path }) => {
    const { clockOffsetMs = 0, timeZone } = ruleFor(manifest, innerPath(path));
    const scopes = [...(segments.get(path) ?? [])].filter(([, { power }]) => power.count > 0);
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
