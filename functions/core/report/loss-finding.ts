import type { Decision, GateResult } from '../decision/decision.ts';
import { prefixed, ratioText } from './format.ts';

type Curve = Decision['lossCurves'][number];

const differenceText = (ratio: number): string =>
  `${Math.abs((ratio - 1) * 100).toFixed(1)} % ${ratio < 1 ? 'below' : 'above'}`;

/** What the losses at equal work show, in a sentence; the interval is the gate's where one reads it. */
export function lossFinding(curve: Curve, gates: readonly GateResult[]): string {
  const { workload, readAt, unit, points, confidence } = curve;
  const last = points.at(-1);
  if (!last) return `${workload}: no work that both sides have done.`;
  const gate = gates.find((g) => g.low !== null && g.high !== null);
  const [low, high, at] = gate ? [gate.low, gate.high, gate.confidence] : [last.low, last.high, confidence];
  const range =
    low === null || high === null
      ? 'no interval'
      : `${Math.round(at * 100)} % interval ${ratioText(low)} to ${ratioText(high)}${gate ? `, as gate ${gate.id} reads it` : ''}`;
  return `${workload}: after ${prefixed(readAt, '', 3)} ${unit}s the candidate's training loss is ${differenceText(last.ratio)} the baseline's (ratio ${ratioText(last.ratio)}, ${range}).`;
}
