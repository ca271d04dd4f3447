import { chipBootstrap, hierarchicalBootstrap } from '../../../functions/core/statistics/bootstrap.ts';
import type { ChipValue } from '../../../functions/core/statistics/cluster-layout.ts';
import { random } from '../generate.ts';
import { argumentsOf, measured } from './measured.ts';

export interface BootstrapArguments {
  /** Of each side. */
  readonly chips: number;
  readonly resamples: number;
  /** What is drawn. */
  readonly unit: 'chip' | 'lot';
}

const { chips, resamples, unit } = argumentsOf<BootstrapArguments>();
const CHIPS_A_NODE = 8;
const LOTS = 20;

/** Chips of one side: log values with a spread of 3 % about a mean. */
function side(mean: number, seed: number): ChipValue[] {
  const next = random(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return Array.from({ length: chips }, (_, i) => ({
    logValue: mean + 0.03 * normal(),
    lot: `lot-${i % LOTS}`,
    node: `node-${Math.floor(i / CHIPS_A_NODE)}`,
  }));
}

const [candidate, baseline] = [side(-0.1, 3), side(0, 4)];
const draw = unit === 'chip' ? chipBootstrap : hierarchicalBootstrap;

await measured(async () => {
  const { logRatio, low, high, method } = draw(candidate, baseline, { seed: 1, resamples, confidence: 0.95 });
  return { logRatio, low, high, method };
});
