import * as z from 'zod';
import a100 from '../../../data/sensors/nvidia-a100.json' with { type: 'json' };
import h100 from '../../../data/sensors/nvidia-h100.json' with { type: 'json' };
import h200 from '../../../data/sensors/nvidia-h200-b200.json' with { type: 'json' };
import k40m from '../../../data/sensors/nvidia-k40m.json' with { type: 'json' };
import rtx3090 from '../../../data/sensors/nvidia-rtx-3090.json' with { type: 'json' };
import { type Boundary, BoundarySchema } from '../telemetry/boundary.ts';
import { isSameChip } from './baselines.ts';
import { FigureSchema, GradeSchema } from './catalogue.ts';
import type { Evaluation, RunSensor } from './evaluation.ts';

/** What was published of the power sensor that an accelerator carries. null: not published. */
export const SensorSchema = z.strictObject({
  schema: z.literal('wattline/sensor@1'),
  name: z.string().min(1),
  boundary: BoundarySchema.describe('what its readings cover'),
  skus: z.array(z.string().min(1)).min(1).describe('chips that carry it, compared as SKUs are'),
  energyBiasRatio: FigureSchema.extend({ value: z.number().gt(-1) })
    .nullable()
    .describe('energy from its readings / energy from an external meter - 1'),
  accuracyRatio: FigureSchema.nullable().describe('as the maker states it, on either side'),
  accuracyW: FigureSchema.nullable(),
  refreshPeriodS: FigureSchema.nullable().describe('reading it more often repeats values'),
  sampledRatio: FigureSchema.nullable().describe('share of the run time that its readings cover'),
  averaging: z.strictObject({ text: z.string(), grade: GradeSchema, source: z.string() }).nullable(),
});
export type Sensor = z.infer<typeof SensorSchema>;

export const SENSORS: readonly Sensor[] = [a100, h100, h200, rtx3090, k40m].map((sensor) =>
  SensorSchema.parse(sensor),
);

/** The sensor that readings of a chip at a boundary are from; null where nothing was published of it. */
export function findSensor(sku: string, boundary: Boundary | null): Sensor | null {
  return SENSORS.find((s) => s.boundary === boundary && s.skus.some((name) => isSameChip(name, sku))) ?? null;
}

/** What was published of the sensor behind an energy from power readings; null for counters, meters and unknown chips. */
export function sensorOf(
  e: Pick<Evaluation, 'sku' | 'boundary' | 'energyMethod' | 'energy' | 'scopes'>,
): RunSensor | null {
  const isConverted = e.scopes.some((s) => s.kind === 'chip' && s.measuredBoundary !== s.boundary);
  if (e.energyMethod !== 'clipped-trapezoid' || isConverted) return null;
  const sensor = findSensor(e.sku, e.boundary);
  if (!sensor) return null;
  const { name, energyBiasRatio: bias, accuracyRatio, refreshPeriodS, sampledRatio, averaging } = sensor;
  const energyJ = e.energy.clippedTrapezoidJ;
  const figures = [bias, accuracyRatio, refreshPeriodS, sampledRatio, averaging].filter((f) => f !== null);
  return {
    name,
    energyBiasRatio: bias?.value ?? null,
    unbiasedEnergyJ: bias && energyJ !== null ? energyJ / (1 + bias.value) : null,
    accuracyRatio: accuracyRatio?.value ?? null,
    refreshPeriodS: refreshPeriodS?.value ?? null,
    sampledRatio: sampledRatio?.value ?? null,
    averaging: averaging?.text ?? null,
    sources: [...new Set(figures.map((f) => `${f.source} (${f.grade})`))],
  };
}
