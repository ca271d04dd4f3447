import * as z from 'zod';
import type { Evaluation } from '../efficiency/evaluation.ts';
import { ratioInterval, welchLogRatio } from '../statistics/log-ratio.ts';
import { lossAt, lossParity } from './loss-parity.ts';
import type { Pair } from './pairs.ts';

const CONFIDENCE = 0.95;
/** Points of a curve: enough for a line, however many steps were logged. */
const POINTS = 48;

/** Training loss of both sides against the work done, up to where gates read it. */
export const LossCurveSchema = z.strictObject({
  workload: z.string(),
  unit: z.enum(['token', 'sample']),
  readAt: z.number().describe('tokens or samples at which gates read the losses'),
  confidence: z.number().describe('of each point by itself, looked at once, over runs'),
  points: z.array(
    z.strictObject({
      work: z.number().describe('tokens or samples'),
      candidate: z.number().describe('geometric mean of the losses of its runs'),
      baseline: z.number(),
      ratio: z.number(),
      low: z.number().nullable(),
      high: z.number().nullable(),
      n: z.strictObject({ candidate: z.int(), baseline: z.int() }).describe('runs that have come so far'),
    }),
  ),
});
export type LossCurve = z.infer<typeof LossCurveSchema>;

const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, v) => sum + Math.log(v), 0) / values.length);

function pointAt(work: number, pair: Pair): LossCurve['points'] {
  const losses = (runs: readonly Evaluation[]): number[] =>
    runs.flatMap((e) => {
      const loss = lossAt(e.lossCurve, work);
      return loss !== null && loss > 0 ? [loss] : [];
    });
  const [candidate, baseline] = [losses(pair.candidate), losses(pair.baseline)];
  if (candidate.length === 0 || baseline.length === 0) return [];
  const welch = welchLogRatio(candidate, baseline);
  const ratio = Math.exp(welch.logRatio);
  return [
    {
      work,
      candidate: geometricMean(candidate),
      baseline: geometricMean(baseline),
      ratio,
      ...ratioInterval(ratio, welch, CONFIDENCE),
      n: { candidate: candidate.length, baseline: baseline.length },
    },
  ];
}

/** The curves behind loss parity, a pair each; a pair without losses in one unit of work on both sides has none. */
export function lossCurves(pairs: readonly Pair[]): LossCurve[] {
  return pairs.flatMap((pair) => {
    const parity = lossParity(pair.candidate, pair.baseline);
    if (!parity) return [];
    const { tokens: readAt, unit } = parity;
    const points = Array.from({ length: POINTS + 1 }, (_, i) => pointAt((i / POINTS) * readAt, pair)).flat();
    return [{ workload: pair.name, unit, readAt, confidence: CONFIDENCE, points }];
  });
}
