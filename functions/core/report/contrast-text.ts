import type { ContrastResult, Decision, GateResult, Interval } from '../decision/decision.ts';
import { METRIC_NAMES, ratioText } from './format.ts';

/** "energy per useful token, llm". */
export const contrastName = ({ metric, workload }: Pick<ContrastResult, 'metric' | 'workload'>): string =>
  `${METRIC_NAMES[metric]}, ${workload}`;

/** Lots are often named for what they are. */
export const lotName = (lot: string): string => (/^lot/i.test(lot) ? lot : `lot ${lot}`);

/** "23 chips", "1 chip". */
export const counted = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? '' : 's'}`;

export const rangeText = ({ low, high }: Pick<Interval, 'low' | 'high'>): string =>
  `${ratioText(low)} to ${ratioText(high)}`;

/** Gates that look at a contrast: at its workload by itself, or as a part of the mix. */
export const gatesOn = (
  { gates }: Pick<Decision, 'gates'>,
  { metric, workload }: Pick<ContrastResult, 'metric' | 'workload'>,
): GateResult[] =>
  gates.filter((g) => g.metric === metric && (g.workload === workload || g.workload === 'mix'));

/** Contrasts over chips or nodes that a gate looks at: energy first, as the decision has them. */
export const gatedUnitContrasts = (decision: Decision): ContrastResult[] =>
  decision.contrasts.filter((c) => c.unit !== 'run' && gatesOn(decision, c).length > 0);
