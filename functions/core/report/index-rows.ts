import * as z from 'zod';
import { type Decision, VerdictSchema } from '../decision/decision.ts';
import { nightOf } from '../decision/unit-nights.ts';
import type { Evaluation } from '../efficiency/evaluation.ts';
import { NameSchema } from '../telemetry/manifest.ts';
import { joules, NO_READING } from './format.ts';
import { headlineFacts } from './headline-facts.ts';

/** Figures of a decision that an index shows. */
const FIGURES = 3;

/**
 * What an index says of a night. It lies beside the night's report, so that an index of a thousand nights reads a
 * thousand short objects and no decision, which may take megabytes.
 */
export const NightSummarySchema = z.strictObject({
  schema: z.literal('wattline/night-summary@1'),
  program: NameSchema,
  date: z.iso.date(),
  verdict: VerdictSchema,
  simulated: z.boolean(),
  reason: z.string().describe('the first one of the verdict'),
  figures: z.array(z.strictObject({ figure: z.string(), about: z.string() })),
  runs: z.int().nonnegative().describe('that it was decided from'),
});
export type NightSummary = z.infer<typeof NightSummarySchema>;

export function nightSummary(decision: Decision): NightSummary {
  const { program, date, verdict, simulated, reasons, evaluations } = decision;
  return {
    schema: 'wattline/night-summary@1',
    program,
    date,
    verdict,
    simulated,
    reason: verdict === 'scale-up' ? 'Every required gate passes.' : (reasons[0] ?? 'No reason is given.'),
    // The metric alone: its ratio and interval stand in the report.
    figures: headlineFacts(decision)
      .slice(0, FIGURES)
      .map(({ figure, about }) => ({ figure, about: about.split(';')[0] as string })),
    runs: evaluations.length,
  };
}

/** What an index says of a run. */
export interface RunRow {
  readonly run: string;
  /** Day on which it began, UTC. */
  readonly night: string;
  readonly startMs: number;
  readonly role: Evaluation['role'];
  readonly sku: string;
  readonly workload: string;
  readonly status: string;
  readonly grade: Evaluation['evidence'];
  /** Of the whole system, for a token; for a sample where tokens are unknown. */
  readonly energy: string;
  readonly simulated: boolean;
}

export const runRow = (e: Evaluation): RunRow => ({
  run: e.run,
  night: nightOf(e),
  startMs: e.startMs,
  role: e.role,
  sku: e.sku,
  workload: e.workload.name,
  status: e.status,
  grade: e.evidence,
  energy: energyOfWork(e),
  simulated: e.simulated,
});

function energyOfWork(e: Evaluation): string {
  if (e.evidence === 'D') return 'not decidable';
  if (e.energyPerTokenJ !== null) return `${joules(e.energyPerTokenJ)} a token`;
  return e.energyPerSampleJ === null ? NO_READING : `${joules(e.energyPerSampleJ)} a sample`;
}

const isLess = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const newestNightFirst = (nights: readonly NightSummary[]): NightSummary[] =>
  nights.toSorted((a, b) => isLess(b.date, a.date));

/** Newest night first; within one by workload, the candidate before the baseline that it is compared to. */
export const newestRunFirst = (runs: readonly RunRow[]): RunRow[] =>
  runs.toSorted(
    (a, b) =>
      isLess(b.night, a.night) ||
      isLess(a.workload, b.workload) ||
      isLess(b.role, a.role) ||
      a.startMs - b.startMs ||
      isLess(a.run, b.run),
  );

/** Longest text of a name or reason in a cell; the whole stands in the report. */
export const CELL_LIMIT = 160;
