import type { Evaluation } from '../efficiency/evaluation.ts';
import { nightOf, type UnitNight } from './unit-nights.ts';

export interface LossParity {
  readonly candidate: readonly UnitNight[];
  readonly baseline: readonly UnitNight[];
  /** Tokens (or samples) at which losses are read: where the half of the runs of both sides have come. */
  readonly tokens: number;
  readonly unit: 'token' | 'sample';
}

type Curve = Evaluation['lossCurve'];

const reach = (curve: Curve): number => curve.at(-1)?.tokens ?? 0;

const middle = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)] ?? 0;

/** Loss on the straight line between the two points around `tokens`; null where the curve does not reach them. */
export function lossAt(curve: Curve, tokens: number): number | null {
  const next = curve.findIndex((p) => p.tokens >= tokens);
  const [before, after] = [curve[next - 1], curve[next]];
  if (!after) return null;
  if (!before) return after.tokens === tokens ? after.loss : null;
  const share = (tokens - before.tokens) / (after.tokens - before.tokens);
  return before.loss + share * (after.loss - before.loss);
}

/**
 * Training losses of both sides after the same work: a chip must not win by converging worse, and the same energy
 * buys nothing where it buys less learning. Null where a side has no curve, or the two count different units.
 */
export function lossParity(
  candidate: readonly Evaluation[],
  baseline: readonly Evaluation[],
): LossParity | null {
  const curves = [candidate, baseline].map((side) => side.filter((e) => e.lossCurve.length > 1));
  const units = new Set(curves.flat().map((e) => e.lossUnit));
  const [unit] = units;
  if (units.size !== 1 || !unit || curves.some((side) => side.length === 0)) return null;
  const tokens = Math.min(...curves.map((side) => middle(side.map((e) => reach(e.lossCurve)))));
  const [c, b] = curves.map((side) =>
    side.flatMap((e): UnitNight[] => {
      const loss = lossAt(e.lossCurve, tokens);
      if (loss === null || !(loss > 0)) return [];
      return [{ unit: e.run, lot: null, node: null, night: nightOf(e), logValue: Math.log(loss) }];
    }),
  ) as [UnitNight[], UnitNight[]];
  return c.length === 0 || b.length === 0 ? null : { candidate: c, baseline: b, tokens, unit };
}
