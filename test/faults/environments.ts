import { DecideEnvironmentSchema } from '../../functions/decide/environment.ts';
import { EvaluateEnvironmentSchema } from '../../functions/evaluate/environment.ts';
import { IngestEnvironmentSchema } from '../../functions/ingest/environment.ts';
import { ReconcileEnvironmentSchema } from '../../functions/reconcile/environment.ts';
import { WeeklyEnvironmentSchema } from '../../functions/weekly/environment.ts';

/** The variables that each function asks for, by its folder. */
export const ENVIRONMENTS: Readonly<Record<string, string[]>> = {
  ingest: Object.keys(IngestEnvironmentSchema.shape),
  evaluate: Object.keys(EvaluateEnvironmentSchema.shape),
  decide: Object.keys(DecideEnvironmentSchema.shape),
  reconcile: Object.keys(ReconcileEnvironmentSchema.shape),
  weekly: Object.keys(WeeklyEnvironmentSchema.shape),
};
export const FUNCTIONS = Object.keys(ENVIRONMENTS);
