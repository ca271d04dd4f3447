import type { Score, SetScore } from '../decision/decision.ts';
import { InputError } from '../errors.ts';
import { mean, meanInterval } from '../statistics/mean-interval.ts';
import type { Energy, Evaluation, Finding } from './evaluation.ts';
import { worstGrade } from './evidence.ts';

export const CONFIDENCE = 0.95;

const isSuccess = (e: Evaluation): boolean => e.status === 'success';

/** The value that all runs of a set share. */
function shared<T>(runs: readonly Evaluation[], name: string, pick: (e: Evaluation) => T): T {
  const texts = new Map([...runs].reverse().map((e) => [JSON.stringify(pick(e)), e.run]));
  if (texts.size > 1) {
    const values = [...texts].map(([text, run]) => `${text} (${run})`).join(' and ');
    throw new InputError('set-mixed', `runs of one set differ in ${name}: ${values}; expected one value`);
  }
  return pick(runs[0] as Evaluation);
}

const meanOf = (values: readonly (number | null)[], factor: number): number | null =>
  values.length === 0 || values.includes(null) ? null : mean(values as number[]) * factor;

function meanEnergy(energies: readonly Energy[], factor: number): Energy {
  return {
    clippedTrapezoidJ: meanOf(
      energies.map((e) => e.clippedTrapezoidJ),
      factor,
    ),
    mlperfTrainingV40J: meanOf(
      energies.map((e) => e.mlperfTrainingV40J),
      factor,
    ),
    counterJ: meanOf(
      energies.map((e) => e.counterJ),
      factor,
    ),
  };
}

interface Kept {
  readonly kept: readonly Evaluation[];
  readonly dropped: readonly Evaluation[];
}

/**
 * MLPerf's olympic rule: runs ordered by time, k dropped at each end; a failed run counts as a dropped slowest.
 * Null where more than k runs failed, or fewer than one run is left.
 * Source: mlcommons/logging, result_summarizer `_index_olympic_average`.
 */
function keepOlympic(runs: readonly Evaluation[], k: number): Kept | null {
  const good = runs
    .filter(isSuccess)
    .sort((a, b) => a.timeToTrainS - b.timeToTrainS || (a.run < b.run ? -1 : 1));
  const failed = runs.filter((e) => !isSuccess(e));
  if (failed.length > k) return null;
  const kept = good.slice(k, good.length - (k - failed.length));
  if (kept.length === 0) return null;
  return { kept, dropped: [...good.filter((e) => !kept.includes(e)), ...failed] };
}

function score(kept: readonly Evaluation[], factor: number): Score {
  return {
    timeToTrainMin: (mean(kept.map((e) => e.timeToTrainS)) / 60) * factor,
    energy: meanEnergy(
      kept.map((e) => e.energy),
      factor,
    ),
    nodes: meanEnergy(
      kept.map((e) => e.nodes),
      factor,
    ),
    switches: meanEnergy(
      kept.map((e) => e.switches),
      factor,
    ),
  };
}

/** Runs whose telemetry and times are the same as an earlier run's, by the run that they repeat. */
export function duplicatesOf(runs: readonly Evaluation[]): Map<string, string> {
  const first = new Map<string, string>();
  const copies = new Map<string, string>();
  for (const { run, contentDigest } of runs) {
    const original = first.get(contentDigest);
    if (original === undefined) first.set(contentDigest, run);
    else copies.set(run, original);
  }
  return copies;
}

/** Runs that count once each, in order of their names. */
export function distinctRuns(runs: readonly Evaluation[]): Evaluation[] {
  const copies = duplicatesOf(runs);
  return runs.filter((e) => !copies.has(e.run));
}

function meansOf(runs: readonly Evaluation[]): SetScore['means'] {
  const of = (pick: (e: Evaluation) => number | null) =>
    meanInterval(
      runs.map(pick).filter((v) => v !== null),
      CONFIDENCE,
    );
  return {
    timeToTrainMin: of((e) => e.timeToTrainS / 60),
    clippedTrapezoidJ: of((e) => e.energy.clippedTrapezoidJ),
    mlperfTrainingV40J: of((e) => e.energy.mlperfTrainingV40J),
    energyPerSampleJ: of((e) => e.energyPerSampleJ),
    energyPerTokenJ: of((e) => e.energyPerTokenJ),
    meanPowerW: of((e) => e.meanPowerW),
  };
}

/** Set-level findings: copies, missing energies, and what several runs show alike. */
function setFindings(runs: readonly Evaluation[], copies: ReadonlyMap<string, string>): Finding[] {
  const findings: Finding[] = [];
  if (copies.size > 0) {
    const pairs = [...copies].map(([copy, original]) => `${copy} = ${original}`);
    findings.push({
      code: 'duplicate-run',
      severity: 'error',
      message: `${copies.size} of ${runs.length} runs repeat the telemetry and times of another: ${pairs.join(', ')}`,
      values: { copies: [...copies.keys()], originals: [...copies.values()] },
    });
  }
  // A run that failed is dropped: nobody needs its energy, and often nobody measured it.
  const unread = runs.filter((e) => isSuccess(e) && e.energy.clippedTrapezoidJ === null).map((e) => e.run);
  if (unread.length > 0) {
    findings.push({
      code: 'runs-without-energy',
      severity: 'error',
      message: `no system energy for ${unread.join(', ')}`,
      values: { runs: unread },
    });
  }
  const byCode = new Map<string, { finding: Finding; runs: string[] }>();
  for (const e of runs) {
    for (const finding of e.findings) {
      const known = byCode.get(finding.code) ?? { finding, runs: [] };
      if (!known.runs.includes(e.run)) known.runs.push(e.run);
      byCode.set(finding.code, known);
    }
  }
  for (const [code, { finding, runs: names }] of byCode) {
    const where = names.length === runs.length ? 'every run' : `${names.length} of ${runs.length} runs`;
    findings.push({
      code,
      severity: finding.severity,
      message: `${where}; for instance ${names[0]}: ${finding.message}`,
      values: { runs: names },
    });
  }
  return findings;
}

/**
 * Scores runs of one workload on one system together: MLPerf's olympic mean times the scaling factor where the
 * manifests ask for it, the plain mean otherwise; times in minutes, energies in joules. Where runs are copies of
 * others, `corrected` is the score without them.
 *
 * @throws InputError `set-mixed` where the runs do not belong together; `set-unscored` where too many failed.
 */
export function scoreSet(evaluations: readonly Evaluation[]): SetScore {
  const runs = [...evaluations].sort((a, b) => (a.run < b.run ? -1 : 1));
  const scoring = shared(runs, 'scoring', (e) => e.scoring);
  const role = shared(runs, 'role', (e) => e.role);
  const sku = shared(runs, 'SKU', (e) => e.sku);
  const system = shared(runs, 'system', (e) => e.system);
  const k = scoring?.droppedEachEnd ?? 0;
  const factor = scoring?.scalingFactor ?? 1;
  const keep = (of: readonly Evaluation[]): Kept | null =>
    scoring ? keepOlympic(of, k) : { kept: of.filter(isSuccess), dropped: of.filter((e) => !isSuccess(e)) };
  const kept = keep(runs);
  if (!kept || kept.kept.length === 0) {
    const failed = runs.filter((e) => !isSuccess(e)).map((e) => e.run);
    throw new InputError(
      'set-unscored',
      `${sku}: ${failed.length} of ${runs.length} runs did not report success (${failed.join(', ')})${k > 0 ? ` and ${k} are dropped at each end` : ''}; nothing is left to score`,
    );
  }
  const boundaries = [...new Set(runs.filter(isSuccess).map((e) => e.boundary))];
  const copies = duplicatesOf(runs);
  const distinct = copies.size > 0 ? keep(distinctRuns(runs)) : null;
  return {
    ...score(kept.kept, factor),
    id: scoring?.set ?? `${role}-${system.name}`,
    role,
    sku,
    system,
    workload: shared(runs, 'workload', (e) => e.workload),
    boundary: boundaries.length === 1 ? (boundaries[0] ?? null) : null,
    boundaryBasis: runs.some((e) => e.boundaryBasis === 'assumed') ? 'assumed' : 'declared',
    simulated: runs.some((e) => e.simulated),
    runs: runs.map((e) => e.run),
    dropped: kept.dropped.map((e) => e.run).sort(),
    scoring: scoring ? 'olympic' : 'mean',
    droppedEachEnd: k,
    scalingFactor: factor,
    means: meansOf(distinctRuns(runs).filter(isSuccess)),
    ...(distinct
      ? {
          corrected: {
            ...score(distinct.kept, factor),
            reason: `${copies.size} runs that repeat others are left out`,
            runs: distinctRuns(runs).map((e) => e.run),
          },
        }
      : {}),
    evidence: worstGrade(kept.kept.map((e) => e.evidence)),
    findings: setFindings(runs, copies),
  };
}
