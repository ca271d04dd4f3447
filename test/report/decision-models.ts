import { decideProgram } from '../../functions/core/decision/decide-program.ts';
import { type Decision, DecisionSchema } from '../../functions/core/decision/decision.ts';
import { DEFAULT_POLICY } from '../../functions/core/decision/default-policy.ts';
import { type Policy, PolicySchema } from '../../functions/core/decision/policy.ts';
import type { RampPlan } from '../../functions/core/decision/ramp-plan.ts';
import type { Evaluation } from '../../functions/core/efficiency/evaluation.ts';
import type { DecisionModel } from '../../functions/core/report/decision-html.ts';
import { PILOT, PILOT_PRICES, type PilotDesign, pilot } from '../decision/pilot.ts';

export const policyWith = (change: Record<string, unknown>): Policy =>
  PolicySchema.parse({ ...DEFAULT_POLICY, ...change });

interface ModelOptions {
  readonly policy?: Policy;
  readonly policyHistory?: Decision['policyHistory'];
  readonly plan?: RampPlan;
  readonly date?: string;
}

export function modelOf(evaluations: readonly Evaluation[], options: ModelOptions = {}): DecisionModel {
  const { policy = DEFAULT_POLICY, date = '2026-01-30' } = options;
  const decision = DecisionSchema.parse(
    decideProgram({
      program: 'pilot',
      date,
      evaluations,
      policy,
      policyHistory: options.policyHistory ?? [],
      prices: PILOT_PRICES,
      plan: options.plan ?? null,
      code: 'test',
    }),
  );
  return { decision, evaluations };
}

/** A model of a simulated pilot: see PILOT for what is not said. */
export const pilotModel = (design: Partial<PilotDesign> = {}, options: ModelOptions = {}): DecisionModel =>
  modelOf(pilot({ ...PILOT, ...design }), options);
