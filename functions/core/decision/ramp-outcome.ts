import type { Contrasted, ContrastedMetric } from './contrasted.ts';
import type { Mixed } from './mix.ts';
import { computeRamp } from './ramp.ts';
import type { MeasuredRatio, RampMeasurements } from './ramp-measurements.ts';
import type { RampPlan } from './ramp-plan.ts';
import type { RampResult } from './ramp-result.ts';
import type { Subjects } from './subjects.ts';

/** The same plan and evaluations draw the same numbers. */
const SEED = 20_260_124;
const DAYS_A_WEEK = 7;

const notComputable = (plan: RampPlan, reason: string): RampResult => ({
  status: 'not computable',
  plan: plan.name,
  reason,
});

function mixOf(
  metric: ContrastedMetric,
  contrasts: readonly Contrasted[],
  subjects: Subjects,
): Mixed | { reason: string } {
  const parts = contrasts.filter((c) => c.metric === metric);
  if (parts.length === 0) {
    const why = subjects.parts(metric).find((p): p is { reason: string } => 'reason' in p);
    return { reason: `${metric}: ${why?.reason ?? 'no runs of one workload on both sides'}` };
  }
  return subjects.mixOf(parts);
}

const ratioOf = ({ logRatio, spread: { between } }: Mixed): MeasuredRatio => ({
  logRatio,
  standardError: between?.standardError ?? null,
  degreesOfFreedom: between ? Math.max(1, between.degreesOfFreedom) : null,
});

/** A ratio beyond what the economics take for a measurement (a slip of units) is a reason, not the end of the night. */
const isUsable = ({ logRatio, spread }: Mixed): boolean =>
  Math.abs(logRatio) < Math.log(LARGEST_RATIO) && (spread.between?.standardError ?? 0) < LARGEST_ERROR;

const LARGEST_RATIO = 1000;
const LARGEST_ERROR = 10;

/** Geometric mean of the baseline's level over the mix. */
const levelOf = ({ parts, weights }: Mixed): number =>
  Math.exp(
    parts.reduce((sum, p) => sum + (weights.get(p.workload) as number) * Math.log(p.levels.baseline), 0),
  );

/** What the ramp of the plan saves or costs, by what the pilot measured; or why that cannot be said. */
export function rampOf(plan: RampPlan, contrasts: readonly Contrasted[], subjects: Subjects): RampResult {
  const energy = mixOf('energy-per-useful-token', contrasts, subjects);
  if ('reason' in energy) return notComputable(plan, energy.reason);
  const time = mixOf('time-per-useful-token', contrasts, subjects);
  if ('reason' in time) return notComputable(plan, time.reason);
  const boundary = energy.parts[0]?.boundary;
  if (!boundary) return notComputable(plan, 'the energies have no one boundary');
  const wrong = [energy, time].find((mix) => !isUsable(mix));
  if (wrong)
    return notComputable(
      plan,
      `a ratio of ${Math.exp(wrong.logRatio).toPrecision(3)}, or its error, is no measurement of two accelerators`,
    );
  const nights = Math.max(...energy.parts.map((p) => p.contrast.nights.length));
  const measurements: RampMeasurements = {
    boundary,
    energyPerToken: ratioOf(energy),
    timePerToken: ratioOf(time),
    baseline: { energyPerTokenJ: levelOf(energy), tokensPerSecondPerChip: 1 / levelOf(time) },
    ...(nights > 0 ? { pilotWeeks: nights / DAYS_A_WEEK } : {}),
  };
  return computeRamp({ plan, measurements, seed: SEED });
}
