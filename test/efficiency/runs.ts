import { evaluateRun } from '../../functions/core/efficiency/evaluate-run.ts';
import type { ScopeInput } from '../../functions/core/efficiency/evaluate-scope.ts';
import {
  type Evaluation,
  EvaluationSchema,
  type Finding,
} from '../../functions/core/efficiency/evaluation.ts';
import type { RunManifest } from '../../functions/core/telemetry/manifest.ts';
import type { ProgressRecord } from '../../functions/core/telemetry/progress.ts';
import { foldRun } from '../../functions/core/telemetry/progress-fold.ts';
import type { ReceiptScope } from '../../functions/core/telemetry/receipt.ts';
import type { Field } from '../../functions/core/telemetry/sample.ts';
import type { CounterTrack, Point, Track } from '../../functions/core/telemetry/segment.ts';
import { CounterBuilder, TrackBuilder } from '../../functions/core/telemetry/track-builder.ts';

export const START_MS = Date.UTC(2026, 0, 1);
export const RUN_S = 1_000;

/** Readings as [seconds since run start, value]. */
export type Readings = readonly (readonly [number, number])[];

/** A value every so many seconds over the run. */
export const every = (periodS: number, valueAt: (s: number) => number): Readings =>
  Array.from({ length: Math.floor(RUN_S / periodS) + 1 }, (_, i) => [i * periodS, valueAt(i * periodS)]);

const pointOf = ([s, value]: readonly [number, number]): Point => ({
  timeMs: START_MS + s * 1000,
  value,
  isCut: false,
});

function gauge(readings: Readings, field: Field): Track {
  const builder = new TrackBuilder(field);
  readings.map(pointOf).forEach((to, i, points) => {
    const from = points[i - 1];
    if (from) builder.piece(from, to, to.timeMs - from.timeMs, true);
    builder.point(to);
  });
  return builder.build() as Track;
}

/** A jump of more than `mostPerS` is broken, as the reader of samples has it. */
function counter(readings: Readings, mostPerS: number): CounterTrack {
  const builder = new CounterBuilder();
  readings.map(pointOf).forEach((to, i, points) => {
    const from = points[i - 1];
    const rise = from ? to.value - from.value : 0;
    if (from) builder.piece(from, to, rise < 0 || rise > (mostPerS * (to.timeMs - from.timeMs)) / 1000, true);
    builder.point(to);
  });
  return builder.build() as CounterTrack;
}

export interface TestScope {
  readonly gauges?: { readonly [F in Field]?: Readings };
  readonly counters?: { readonly [F in Field]?: Readings };
  readonly facts?: Partial<ReceiptScope>;
}

const MOST_W = 20_000;

export function scopeInput(id: string, { gauges = {}, counters = {}, facts = {} }: TestScope): ScopeInput {
  const tracks = <T>(of: { readonly [F in Field]?: Readings }, build: (r: Readings, field: Field) => T) =>
    Object.fromEntries(
      Object.entries(of).map(([field, readings]) => [field, build(readings, field as Field)]),
    );
  const power = gauges.power_w;
  return {
    facts: {
      id,
      kind: 'chip',
      boundary: 'chip',
      measuredBoundary: 'chip',
      conversionEfficiency: 1,
      efficiencyBasis: 'none',
      samples: 1,
      energyJ: null,
      meanPowerW: null,
      estimatedPowerW: null,
      timeRange: null,
      log: null,
      ...facts,
    },
    folded: {
      segment: {
        gauges: tracks(gauges, gauge),
        counters: tracks(counters, (readings) => counter(readings, MOST_W)),
      },
      heldMs: 0,
      heldJ: 0,
      isBracketed: power !== undefined,
      maxGapMs: power ? 1_000 : null,
    },
    log: null,
  };
}

/** The evaluation of a run of 1000 s with these scopes. */
export function evaluated(
  scopes: Readonly<Record<string, TestScope>>,
  manifest: Partial<RunManifest> = {},
  records: readonly ProgressRecord[] = [],
  status = 'success',
): Evaluation {
  const chips = Object.keys(scopes).length;
  return EvaluationSchema.parse(
    evaluateRun({
      manifest: {
        schema: 'wattline/run@1',
        program: 'p',
        run: 'r',
        role: 'candidate',
        sku: 'own-chip',
        workload: { name: 'w' },
        workUnit: 'token',
        work: 500,
        system: { name: 's', nodes: 1, chipsPerNode: chips },
        files: [],
        ...manifest,
      },
      progress: foldRun(records),
      startMs: START_MS,
      stopMs: START_MS + RUN_S * 1000,
      status,
      scopes: Object.entries(scopes).map(([id, scope]) => scopeInput(id, scope)),
      sourceFindings: [],
      receipts: [],
      timeline: () => null,
      contentDigest: 'd',
      code: 'test',
    }),
  );
}

export const findingOf = (e: Evaluation, code: string): Finding | undefined =>
  e.findings.find((f) => f.code === code);
