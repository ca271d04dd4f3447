import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decideProgram } from '../functions/core/decision/decide-program.ts';
import type { Decision, SetScore } from '../functions/core/decision/decision.ts';
import { PUBLISHED_POLICY } from '../functions/core/decision/default-policy.ts';
import { scoreSets } from '../functions/core/decision/sets.ts';
import type { Evaluation } from '../functions/core/efficiency/evaluation.ts';
import { renderSetHtml } from '../functions/core/report/decision-html.ts';
import { energyText } from '../functions/core/report/evidence-section.ts';
import { joules, minutes, percent, seconds } from '../functions/core/report/format.ts';
import { renderRunHtml } from '../functions/core/report/run-html.ts';
import { CODE_VERSION } from '../functions/platform/version.ts';
import { directoryStores, memoryStores } from './pipeline.ts';
import { loadRuns } from './run-folder.ts';
import { say, sayJson } from './terminal.ts';
import { boundaryOption } from './usage.ts';
import { evaluationsOf, lastDay, uploadRuns } from './work.ts';

export interface EvaluateOptions {
  readonly json?: boolean;
  readonly out?: string;
  readonly boundary?: string;
  readonly verbose?: boolean;
}

const PROGRAM = 'evaluation';

/** `wattline evaluate`: every run, and the set that they form. */
export async function evaluateCommand(folder: string, options: EvaluateOptions): Promise<void> {
  const boundary = boundaryOption(options.boundary);
  const runs = await loadRuns(folder, {
    program: PROGRAM,
    role: 'baseline',
    ...(boundary ? { boundary } : {}),
  });
  const stores = options.out ? directoryStores(options.out) : memoryStores();
  await uploadRuns(stores, runs, { isVerbose: options.verbose ?? false });
  const evaluations = await evaluationsOf(stores, runs);
  const decision = decideProgram({
    program: PROGRAM,
    date: lastDay(evaluations).slice(0, 10),
    evaluations,
    policy: PUBLISHED_POLICY,
    prices: null,
    code: CODE_VERSION,
  });
  const report = options.out ? writeReport(options.out, decision, evaluations) : null;
  if (options.json) sayJson(resultOf(decision, evaluations));
  else print(decision, evaluations, report);
}

/** Of one run its own report, of several that of the set. */
function writeReport(out: string, decision: Decision, evaluations: Evaluation[]): string {
  const path = join(out, 'report.html');
  mkdirSync(out, { recursive: true });
  const [only, ...others] = evaluations;
  const isAlone = only !== undefined && others.length === 0;
  writeFileSync(path, isAlone ? renderRunHtml(only) : renderSetHtml({ decision, evaluations }));
  return path;
}

/** What `--json` prints: runs, and the set with its score (several sets where the folder holds several). */
function resultOf(decision: Decision, evaluations: Evaluation[]) {
  const [set = null] = decision.sets;
  return {
    schema: 'wattline/evaluation-set@1',
    runs: evaluations,
    set,
    ...(decision.sets.length > 1 ? { sets: decision.sets } : {}),
    ...(set ? {} : { unscored: scoreSets(evaluations).unscored }),
  };
}

function print(decision: Decision, evaluations: readonly Evaluation[], report: string | null): void {
  for (const e of evaluations) {
    const { energy, method } = energyText(e);
    say(
      `${e.run}  ${e.status}  ${seconds(e.timeToTrainS)}  ${energy} ${method}, ${joules(e.energy.mlperfTrainingV40J)} by the MLPerf v4.0 rule${workText(e)}  coverage ${percent(e.coverageRatio)}  evidence ${e.evidence}`,
    );
  }
  for (const set of decision.sets) printSet(set);
  if (decision.sets.length === 0)
    for (const reason of scoreSets(evaluations).unscored) say(`no set: ${reason}`);
  if (report) say(`\nreport: ${report}`);
}

/** Energy per token and MFU, where the run tells of them. */
function workText({ energyPerTokenJ, evidence, progress }: Evaluation): string {
  const perToken = evidence === 'D' ? null : energyPerTokenJ;
  const mfu = progress?.overRun.mfuRatio ?? null;
  return `${perToken === null ? '' : `  ${joules(perToken)} a token`}${mfu === null ? '' : `  MFU ${percent(mfu)}`}`;
}

function printSet(set: SetScore): void {
  const scored =
    set.scoring === 'olympic'
      ? `olympic, ${set.droppedEachEnd} dropped at each end, times ${set.scalingFactor}`
      : 'plain mean';
  const energy = set.evidence === 'D' ? 'not decidable' : joules(set.energy.clippedTrapezoidJ);
  say(
    `\n${set.sku}, ${set.workload.name}, ${set.runs.length} ${set.runs.length === 1 ? 'run' : 'runs'} at ${set.boundary ?? 'no single boundary'} (${scored})`,
  );
  say(
    `  ${set.scoring === 'olympic' ? 'as published' : 'mean        '}   ${minutes(set.timeToTrainMin)}   ${energy} clipped   ${joules(set.energy.mlperfTrainingV40J)} by the MLPerf v4.0 rule`,
  );
  if (set.corrected)
    say(
      `  corrected      ${minutes(set.corrected.timeToTrainMin)}   ${joules(set.corrected.energy.clippedTrapezoidJ)} clipped   ${joules(set.corrected.energy.mlperfTrainingV40J)} by the MLPerf v4.0 rule   (${set.corrected.reason})`,
    );
  for (const finding of set.findings) say(`  ${finding.severity}: ${finding.code}: ${finding.message}`);
}
