import type { Plan } from './choices.ts';

export interface Regression {
  readonly name: string;
  readonly plan: Plan;
}

/**
 * Schedules that once broke a promise. Their numbers count the decisions of the world as the product was then: where it
 * asks for more or less today they say something else, so that each has a test of its own kind beside it
 * (test/faults/simulation.test.ts).
 */
export const REGRESSIONS: readonly Regression[] = [
  {
    name: 'one slow evaluation that has nothing to move leaves its older pages over newer ones',
    plan: { seed: 65, only: [417] },
  },
  { name: 'the same among many faults', plan: { seed: 65 } },
  { name: 'the same with messages out of order and a crash', plan: { seed: 35 } },
];
