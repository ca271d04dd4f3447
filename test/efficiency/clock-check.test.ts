import { describe, expect, test } from 'vitest';
import { clockFindings, type PowerCurve } from '../../functions/core/efficiency/clock-check.ts';
import type { PowerPiece } from '../../functions/core/efficiency/clock-fit.ts';
import { stepOffset } from '../../functions/core/efficiency/clock-step.ts';
import { fc } from '../fast-check.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const START = Date.UTC(2026, 0, 10, 12);

interface Shape {
  readonly runS: number;
  /** Idle time on either side. */
  readonly idleS: number;
  readonly offsetMs: number;
  readonly periodS?: number;
  readonly noiseRatio?: number;
  readonly lowW?: number;
  readonly highW?: number;
}

/** Power of one meter that is low, high during the run, and low again, as means of minutes of its own clock. */
function pieces(shape: Shape): PowerPiece[] {
  const { runS, idleS, offsetMs, periodS = 1, noiseRatio = 0, lowW = 1_200, highW = 5_500 } = shape;
  const sums = new Map<number, { count: number; sumW: number }>();
  for (let s = -idleS, i = 0; s < runS + idleS; s += periodS, i += 1) {
    const levelW = s >= 0 && s < runS ? highW : lowW;
    const minute = Math.floor((START + offsetMs + s * 1000) / MINUTE_MS);
    const bin = sums.get(minute) ?? { count: 0, sumW: 0 };
    const wobble = Math.sin(i * 12.9898) * noiseRatio * highW;
    sums.set(minute, { count: bin.count + 1, sumW: bin.sumW + levelW + wobble });
  }
  const [fromMs, toMs] = [START + offsetMs - idleS * 1000, START + offsetMs + (runS + idleS) * 1000];
  return [...sums].map(([minute, { count, sumW }]) => ({
    fromMs: Math.max(fromMs, minute * MINUTE_MS),
    toMs: Math.min(toMs, (minute + 1) * MINUTE_MS),
    meanW: sumW / count,
  }));
}

const curve = (path: string, shape: Shape, rule: Partial<PowerCurve> = {}): PowerCurve => ({
  path,
  scope: path,
  clockOffsetMs: 0,
  timeZone: undefined,
  pieces: pieces(shape),
  ...rule,
});
const markers = ({ runS }: Pick<Shape, 'runS'>) => ({ startMs: START, stopMs: START + runS * 1000 });

describe('the offset of a power log', () => {
  test('is estimated within one period of its sensor, wherever the step lies', () => {
    fc.assert(
      fc.property(
        fc.record({
          runS: fc.integer({ min: 240, max: 7_200 }),
          idleS: fc.integer({ min: 60, max: 1_800 }),
          offsetMs: fc.integer({ min: -6 * HOUR_MS, max: 6 * HOUR_MS }),
          periodS: fc.constantFrom(1, 2, 5, 10),
          noiseRatio: fc.constantFrom(0, 0.01, 0.05),
        }),
        (shape) => {
          const estimate = stepOffset(pieces(shape), markers(shape));
          expect(estimate?.basis).toBe('power-step');
          const errorMs = Math.abs((estimate?.offsetMs ?? Number.NaN) - shape.offsetMs);
          expect(errorMs).toBeLessThanOrEqual(shape.periodS * 1000 + 1000);
        },
      ),
      { numRuns: 60 },
    );
  });

  test.each<[string, Shape]>([
    ['without a step', { runS: 600, idleS: 600, offsetMs: 0, lowW: 3_000, highW: 3_000, noiseRatio: 0.02 }],
    ['with power that is lower in the run', { runS: 600, idleS: 600, offsetMs: 0, lowW: 3_000, highW: 900 }],
    ['that ends with the run on both sides', { runS: 600, idleS: 0, offsetMs: 0, noiseRatio: 0.05 }],
  ])('is not estimated from a log %s', (_, shape) => {
    expect(stepOffset(pieces(shape), markers(shape))).toBeNull();
  });

  test('is not estimated from a log that holds a second run of the same length', () => {
    const shape = { runS: 1_200, idleS: 600, offsetMs: 0 };
    const two = [...pieces(shape), ...pieces({ ...shape, offsetMs: 2 * HOUR_MS })];
    expect(stepOffset(two, markers(shape))).toBeNull();
  });

  test('is not estimated from nothing', () => {
    expect(stepOffset([], markers({ runS: 60 }))).toBeNull();
  });
});

describe('the clock check', () => {
  const shape = { runS: 1_500, idleS: 300 };

  test.each([0, 20_000, -20_000])('says nothing of a log that fits, %d ms off', (offsetMs) => {
    expect(clockFindings([curve('node_0.txt', { ...shape, offsetMs })], markers(shape))).toEqual([]);
  });

  test('names a switch meter that is 5 h behind its nodes, and what would mend it (nasty 36)', () => {
    const curves = [
      curve('node_0.txt', { ...shape, offsetMs: 0 }),
      curve('node_1.txt', { ...shape, offsetMs: 0 }),
      curve('sw_0.txt', { ...shape, offsetMs: -5 * HOUR_MS, lowW: 100, highW: 140 }),
    ];
    const [finding, ...others] = clockFindings(curves, markers(shape));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      code: 'clock-offset',
      severity: 'warning',
      values: {
        paths: ['sw_0.txt'],
        offsetMs: -5 * HOUR_MS,
        clockOffsetMs: 5 * HOUR_MS,
        basis: 'power-step',
      },
    });
    expect(finding?.message).toMatch(/5 h before the run's markers.*time zone that is 5 h off.*18000000/);
  });

  test('tells it from where the logs lie when a switch draws the same all the time (nasty 36)', () => {
    const flat = curve('sw_0.txt', { ...shape, offsetMs: -5 * HOUR_MS, lowW: 120, highW: 120 });
    const [finding] = clockFindings([curve('node_0.txt', { ...shape, offsetMs: 0 }), flat], markers(shape));
    expect(finding?.values).toMatchObject({ basis: 'log-extent', clockOffsetMs: 5 * HOUR_MS });
    expect(clockFindings([flat], markers(shape))).toEqual([]);
  });

  test('names the zone of a local time that was read as UTC (nasty 35)', () => {
    const local = curve(
      'gpudata.csv',
      { ...shape, offsetMs: HOUR_MS },
      { timeZone: 'UTC', clockOffsetMs: 250 },
    );
    const [finding] = clockFindings([local], markers(shape));
    expect(finding?.values?.clockOffsetMs).toBe(250 - HOUR_MS);
    expect(finding?.message).toMatch(/a timeZone 1 h further east than UTC/);
  });

  test('names no zone where the offset is that of none', () => {
    const [finding] = clockFindings([curve('a', { ...shape, offsetMs: 7 * MINUTE_MS })], markers(shape));
    expect(finding?.values?.offsetMs).toBe(7 * MINUTE_MS);
    expect(finding?.message).not.toMatch(/zone/);
  });

  test('says once what many files show alike, and twice what they show differently', () => {
    const behind = [0, 1, 2, 3, 4].map((i) => curve(`node_${i}`, { ...shape, offsetMs: -HOUR_MS + i * 500 }));
    const other = curve('node_9', { ...shape, offsetMs: HOUR_MS / 2 });
    const findings = clockFindings([...behind, other], markers(shape));
    expect(findings.map((f) => f.values?.paths)).toEqual([behind.map((c) => c.path), ['node_9']]);
  });

  test('says nothing of a file whose scopes disagree', () => {
    const scopes = [0, HOUR_MS].map((offsetMs) => curve('all.csv', { ...shape, offsetMs }));
    expect(clockFindings(scopes, markers(shape))).toEqual([]);
  });
});
