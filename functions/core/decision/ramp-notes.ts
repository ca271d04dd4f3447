import { hasSpread } from './ramp-distribution.ts';
import type { RampFlow } from './ramp-flow.ts';
import type { MeasuredBoth } from './ramp-inputs.ts';
import type { RampMeasurements } from './ramp-measurements.ts';
import type { RampPlan, Uncertain } from './ramp-plan.ts';
import type { RampSchedule } from './ramp-schedule.ts';

/** Power / rate and energy per token that lie further apart than this are not of the same tokens. */
const LEVEL_TOLERANCE = 0.05;

const centre = (number: Uncertain): number => (typeof number === 'number' ? number : number.value);

/** Power over rate is energy per token (reference: ML.ENERGY holds it on all rows); null where that holds here. */
function levelConflict({ baseline }: MeasuredBoth): string | null {
  const power = baseline.meanPowerPerChipW;
  if (power === undefined) return null;
  const [energy, rate] = [centre(baseline.energyPerTokenJ), centre(baseline.tokensPerSecondPerChip)];
  if (Math.abs(power / rate / energy - 1) <= LEVEL_TOLERANCE) return null;
  return `not computable: the baseline's ${power} W at ${rate} useful tokens/s are ${Number((power / rate).toPrecision(4))} J per token, not ${energy} J: the three are not of the same runs`;
}

/** What the pilot measured, complete; or why no ramp can be computed from it. */
export function refusalOf(
  plan: RampPlan,
  measurements: RampMeasurements,
): { readonly reason: string } | { readonly measured: MeasuredBoth } {
  const { energyPerToken, timePerToken, baseline, boundary } = measurements;
  const missing = [
    ...(energyPerToken === null ? ['the ratio of energy per useful token'] : []),
    ...(timePerToken === null ? ['the ratio of time per useful token'] : []),
    ...(baseline === null ? ['energy per token and tokens per second of the baseline'] : []),
  ];
  if (energyPerToken === null || timePerToken === null || baseline === null)
    return { reason: `not computable: the pilot does not give ${missing.join(' and ')}` };
  if (boundary === 'switch') return { reason: 'not computable: the energy is that of switches alone' };
  if (boundary === 'facility' && plan.pue !== 1)
    return {
      reason:
        'not computable: the energy is measured at the facility, which has the PUE in it; expected pue 1',
    };
  const measured = { ...measurements, energyPerToken, timePerToken, baseline };
  const conflict = levelConflict(measured);
  return conflict === null ? { measured } : { reason: conflict };
}

const hasPower = (side: RampPlan['candidate'] | RampPlan['gpu']): boolean =>
  side.basis === 'rented' || (side.overhead.powerW ?? side.overhead.powerShare ?? 0) !== 0;

function fleetNotes(plan: RampPlan, schedule: RampSchedule, flow: RampFlow): string[] {
  const sum = (values: Iterable<number>): number => [...values].reduce((total, v) => total + v, 0);
  const replaced = sum(flow.replaced);
  const kept = replaced - sum(flow.dropped);
  if (plan.fleet === undefined || kept < replaced * 1e-9) return [];
  const beyond = sum(flow.replaced.map((gpus) => Math.max(0, gpus - schedule.fleet)));
  const share = (part: number): string => `${((part / replaced) * 100).toFixed(1)} %`;
  return [
    `${share(kept)} of the GPU-months that the candidate replaces are paid for all the same: committed, or more than the fleet of ${plan.fleet.gpus} GPUs`,
    ...(beyond > 0 ? [`${share(beyond)} of its work is beyond that fleet and counted as worth nothing`] : []),
  ];
}

/** What a reader has to know beside the numbers. */
export function notesOf(
  plan: RampPlan,
  measured: MeasuredBoth,
  schedule: RampSchedule,
  flow: RampFlow,
): string[] {
  const isChipOnly = measured.boundary === 'chip' || measured.boundary === 'module';
  const bare = (['candidate', 'gpu'] as const).filter((side) => isChipOnly && !hasPower(plan[side]));
  return [
    ...(hasSpread(measured.energyPerToken) ? [] : ['no interval: the pilot gives none for energy per token']),
    ...(hasSpread(measured.timePerToken) ? [] : ['no interval: the pilot gives none for time per token']),
    ...bare.map(
      (side) =>
        `energy is measured at the boundary ${measured.boundary} and the plan states no overhead power of the ${side === 'gpu' ? 'GPU' : 'candidate'}: its host and network count as drawing nothing`,
    ),
    ...(plan.candidate.basis === plan.gpu.basis
      ? []
      : [
          `the candidate is ${plan.candidate.basis} and the GPU ${plan.gpu.basis}: a rent holds power, host, network and a profit`,
        ]),
    ...fleetNotes(plan, schedule, flow),
  ];
}
