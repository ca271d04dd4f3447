import { describe, expect, test } from 'vitest';
import { LossCurveSchema, lossCurves } from '../../functions/core/decision/loss-curves.ts';
import { pairsOf } from '../../functions/core/decision/pairs.ts';
import { PILOT, pilot } from './pilot.ts';

/** Losses that fall as work^-0.2, the candidate's `times` as high. */
const curved = (times: number, points = 400) =>
  pilot({ ...PILOT, nights: 8 }).map((e) => {
    const whole = e.work.tokens ?? 0;
    return {
      ...e,
      lossCurve: Array.from({ length: points }, (_, i) => {
        const tokens = ((i + 1) / points) * whole;
        return { tokens, loss: 8 * (tokens / 1e6) ** -0.2 * (e.role === 'candidate' ? times : 1) };
      }),
    };
  });

describe('loss curves', () => {
  test('hold the ratio at equal work, whatever the shape of the curves', () => {
    const [curve] = lossCurves(pairsOf(curved(1.01)));
    expect(LossCurveSchema.parse(curve)).toEqual(curve);
    expect(curve?.points.length).toBeGreaterThan(40);
    for (const p of curve?.points ?? []) {
      expect(p.ratio).toBeCloseTo(1.01, 10);
      expect(p.n).toEqual({ candidate: 8, baseline: 8 });
    }
  });
  test('end where gates read them, and stay as few however many steps were logged', () => {
    const [few, many] = [lossCurves(pairsOf(curved(1, 50))), lossCurves(pairsOf(curved(1, 5_000)))];
    for (const [curve] of [few, many]) {
      expect(curve?.points.at(-1)?.work).toBe(curve?.readAt);
      expect(curve?.points.length).toBeLessThanOrEqual(49);
    }
  });
  test('of two sides that count different work are none', () => {
    const mixed = curved(1).map((e) => ({
      ...e,
      lossUnit: e.role === 'candidate' ? ('sample' as const) : ('token' as const),
    }));
    expect(lossCurves(pairsOf(mixed))).toEqual([]);
  });
});
