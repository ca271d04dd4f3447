import { describe, expect, test } from 'vitest';
import {
  checkConvergence,
  convergenceGate,
  interpolateReference,
  referenceConvergence,
} from '../../functions/core/statistics/convergence.ts';
import { fc } from '../fast-check.ts';

// mlcommons/training_policies, training_rules.adoc, Appendix: RCP Examples. Benchmark A has 5 submission runs.
const RUNS = 5;
const at128 = referenceConvergence([16, 14, 16, 17, 16, 16, 15, 16, 15, 16]);
const at256 = referenceConvergence([20, 21, 21, 20, 22, 22, 21, 21, 20, 20]);
const at192 = interpolateReference(
  192,
  { batch: 128, reference: at128 },
  { batch: 256, reference: at256 },
  RUNS,
);

describe("the text's examples", () => {
  test.each([
    ['batch 128', at128, 15.75, 0.43, 3.53, 15.21],
    ['batch 256', at256, 20.75, 0.66, 4.12, 19.93],
    ['batch 192, between them', at192, 18.25, 0.547, 3.68, 17.6],
  ])('%s', (_, reference, mean, sd, speedUp, smallest) => {
    const gate = convergenceGate(reference, RUNS);
    expect(reference.mean).toBe(mean);
    expect(reference.standardDeviation).toBeCloseTo(sd, sd === 0.547 ? 3 : 2);
    expect(((gate.largestSpeedUp as number) * 100).toFixed(2)).toBe(speedUp.toFixed(2));
    expect(gate.smallestMean).toBeCloseTo(smallest, 2);
  });
  test.each([
    ['S1', at128, [15, 15, 15, 16, 16], 46 / 3, true],
    ['S2', at256, [19, 19, 19, 20, 21], 58 / 3, false],
    ['S3', at192, [17, 18, 18, 18, 20], 18, true],
  ])('submitter %s', (_, reference, points, mean, isAccepted) => {
    const result = checkConvergence(convergenceGate(reference, RUNS), points);
    expect(result).toMatchObject({ mean: expect.closeTo(mean, 12), isAccepted });
    expect(result.scalingFactor).toBeCloseTo(reference.mean / mean, 12);
  });
});

test('slower than the reference is accepted and not scaled', () => {
  expect(checkConvergence(convergenceGate(at128, RUNS), [20, 20, 20, 20, 20])).toEqual({
    mean: 20,
    isAccepted: true,
    scalingFactor: 1,
  });
});

test('a failed run is the dropped worst; two are too many', () => {
  const gate = convergenceGate(at128, RUNS);
  expect(checkConvergence(gate, [15, null, 15, 16, 16]).mean).toBeCloseTo(47 / 3, 12);
  expect(checkConvergence(gate, [15, null, null, 16, 16])).toEqual({
    mean: null,
    isAccepted: false,
    scalingFactor: null,
  });
});

test('a reference without scatter allows no speed-up, one of wild scatter any', () => {
  expect(convergenceGate(referenceConvergence([5, 5, 5, 5]), RUNS)).toMatchObject({
    smallestMean: 5,
    largestSpeedUp: 0,
  });
  expect(convergenceGate(referenceConvergence([1, 1, 90, 1, 99]), RUNS)).toMatchObject({
    smallestMean: 0,
    largestSpeedUp: null,
  });
});

test('the gate scales with the unit, and more submission runs make it stricter', () => {
  const list = fc.array(fc.double({ min: 10, max: 12, noNaN: true }), { minLength: 6, maxLength: 20 });
  fc.assert(
    fc.property(list, fc.integer({ min: 4, max: 20 }), (points, runs) => {
      const gate = convergenceGate(referenceConvergence(points), runs);
      const scaled = convergenceGate(referenceConvergence(points.map((x) => 1000 * x)), runs);
      expect(scaled.smallestMean / 1000).toBeCloseTo(gate.smallestMean, 9);
      expect(gate.smallestMean).toBeLessThanOrEqual(gate.reference.mean);
      const more = convergenceGate(gate.reference, runs + 1).smallestMean;
      expect(more).toBeGreaterThanOrEqual(gate.smallestMean - 1e-12);
    }),
  );
});

test('unet3d drops four at each end', () => {
  const points = Array.from({ length: 20 }, (_, i) => i + 1);
  expect(referenceConvergence(points, 4)).toMatchObject({ mean: 10.5, keptRuns: 12 });
});

test.each([
  ['2 runs: expected more than the 2 left out', () => referenceConvergence([1, 2])],
  ['point of convergence 0', () => referenceConvergence([0, 1, 2, 3])],
  [
    'batch 512: expected one from 128 to 256',
    () => interpolateReference(512, { batch: 128, reference: at128 }, { batch: 256, reference: at256 }, RUNS),
  ],
  ['submission runs left after dropping 0', () => convergenceGate(at128, 2)],
  ['alpha 1', () => convergenceGate(at128, RUNS, 1, 1)],
])('refused: %s', (message, call) => {
  expect(call).toThrow(message);
});
