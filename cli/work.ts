import { readFileSync } from 'node:fs';
import type { Decision } from '../functions/core/decision/decision.ts';
import { DecisionSchema } from '../functions/core/decision/decision.ts';
import { type Evaluation, EvaluationSchema } from '../functions/core/efficiency/evaluation.ts';
import { InputError } from '../functions/core/errors.ts';
import { prettyJson } from '../functions/platform/hash.ts';
import { readJson } from '../functions/platform/landing.ts';
import { readLatest } from '../functions/platform/latest.ts';
import {
  decisionPrefix,
  evaluationPrefix,
  landingKey,
  manifestKey,
  programReportPrefix,
} from '../functions/platform/layout.ts';
import { jsonLog } from '../functions/platform/log.ts';
import { Pipeline, type Stores } from './pipeline.ts';
import type { RunUpload } from './run-files.ts';
import { WorkProgress } from './work-progress.ts';

export interface WorkOptions {
  readonly isVerbose: boolean;
}

/** Uploads runs into a pipeline as a user would, and works them off. */
export async function uploadRuns(
  stores: Stores,
  runs: readonly RunUpload[],
  { isVerbose }: WorkOptions,
): Promise<Pipeline> {
  const progress = new WorkProgress(stores);
  const pipeline = new Pipeline(
    progress.stores,
    jsonLog((line) => (isVerbose ? void process.stderr.write(`${line}\n`) : undefined)),
  );
  for (const { manifest, files } of runs) {
    for (const { path, source } of files) {
      const key = landingKey(manifest.program, manifest.run, path);
      await pipeline.stores.landing.put(key, readFileSync(source));
    }
    await pipeline.stores.landing.put(manifestKey(manifest.program, manifest.run), prettyJson(manifest), {
      contentType: 'application/json',
    });
  }
  await pipeline.drain();
  progress.clear();
  if (pipeline.deadLetters.length > 0) {
    throw new InputError(
      'dead-letters',
      `${pipeline.deadLetters.length} messages could not be worked off; run again with --verbose to see why`,
    );
  }
  return pipeline;
}

/** The evaluations of uploaded runs; a run that has none says why. */
export async function evaluationsOf(stores: Stores, runs: readonly RunUpload[]): Promise<Evaluation[]> {
  const evaluations: Evaluation[] = [];
  for (const { manifest } of runs) {
    const latest = await readLatest(stores.lake, evaluationPrefix(manifest.program, manifest.run));
    const evaluation = latest && (await readJson(stores.lake, latest.key, EvaluationSchema));
    if (!evaluation) {
      throw new InputError(
        'run-unfinished',
        `run ${manifest.run}: no run start and stop in any log or in run.json; expected both, with the stop behind the start`,
      );
    }
    evaluations.push(evaluation);
  }
  return evaluations;
}

/** The decision that stands; or that of a night, as its report has it. */
export async function decisionOf(stores: Stores, program: string, night?: string): Promise<Decision> {
  const latest = await readLatest(stores.lake, decisionPrefix(program));
  const decision =
    night === undefined
      ? latest && (await readJson(stores.lake, latest.key, DecisionSchema))
      : await readJson(stores.reports, `${programReportPrefix(program, night)}report.json`, DecisionSchema);
  if (!decision) throw new InputError('no-decision', `program ${program}: no decision was made`);
  return decision;
}

/** Day of the last run's end, UTC: the day that a comparison of finished runs is dated by. */
export const lastDay = (evaluations: readonly Evaluation[]): string =>
  new Date(Math.max(...evaluations.map((e) => e.stopMs))).toISOString();
