import type { RunManifest } from '../telemetry/manifest.ts';
import type { RunProgress } from '../telemetry/progress-fold.ts';
import type { Receipt } from '../telemetry/receipt.ts';
import { declaredReasons, disablingReasons, isPart, systemBoundary } from './boundary-ledger.ts';
import { counterFindings } from './counter-findings.ts';
import { energyBy, methodOf, NO_ENERGY, sumEnergy } from './energy.ts';
import { evaluateScope, type ScopeInput } from './evaluate-scope.ts';
import type {
  EnergyMethod,
  Evaluation,
  Finding,
  InputRejects,
  ScopeEvaluation,
  UnitEvaluation,
} from './evaluation.ts';
import { gradeEvidence } from './evidence.ts';
import { placedFindings } from './finding-times.ts';
import { healthFindings, runHealth } from './health.ts';
import { evaluateProgress } from './progress-evaluation.ts';
import { crossCheck, idlePadding, type ScopeFacts, scopeFindings } from './run-findings.ts';
import type { Timeline } from './run-timeline.ts';
import { evaluateRunUnits } from './run-units.ts';
import { sensorOf } from './sensors.ts';
import { workOf } from './work.ts';
import { marksOf, workSeries } from './work-timeline.ts';

export interface RunInput {
  readonly manifest: RunManifest;
  readonly progress: RunProgress;
  readonly startMs: number;
  readonly stopMs: number;
  readonly status: string;
  readonly scopes: readonly ScopeInput[];
  /** Findings on how sources were put together: duplicates, cross-checks. */
  readonly sourceFindings: readonly Finding[];
  readonly receipts: readonly Receipt[];
  /** From the scopes that add up to the system, all scopes, and the chips and nodes; null where nothing is drawn. */
  readonly timeline: (
    system: readonly ScopeEvaluation[],
    scopes: readonly ScopeEvaluation[],
    units: readonly UnitEvaluation[],
  ) => Omit<Timeline, 'work' | 'marks'> | null;
  /** By path: what of a file is in quarantine. */
  readonly rejects?: ReadonlyMap<string, readonly InputRejects[]>;
  readonly contentDigest: string;
  readonly code: string;
}

const largest = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((v) => v !== null);
  return known.length === 0 ? null : Math.max(...known);
};

function receiptFindings(receipts: readonly Receipt[]): Finding[] {
  return receipts.flatMap((receipt): Finding[] => {
    if (receipt.refusal) {
      return [
        { code: 'file-refused', severity: 'error', about: receipt.path, message: receipt.refusal.message },
      ];
    }
    const notes = receipt.notes.map(
      ({ code, severity, message, count }): Finding => ({
        code,
        severity,
        about: receipt.path,
        message: `${receipt.path}: ${message}`,
        ...(count > 1 ? { values: { count } } : {}),
      }),
    );
    if (receipt.rejected === 0) return notes;
    const message = `${receipt.path}: ${receipt.rejected} of ${receipt.rows} rows are in quarantine`;
    return [
      ...notes,
      {
        code: 'rows-rejected',
        severity: 'warning',
        about: receipt.path,
        message,
        values: { rejected: receipt.rejected },
      },
    ];
  });
}

/**
 * The result for one run, from what its sources were folded to. Energies in joules, of the whole system: the
 * scopes at the system's boundary plus its switches; a scope without a figure leaves the sum without one.
 */
export function evaluateRun(run: RunInput): Evaluation {
  const { manifest, progress, startMs, stopMs } = run;
  const runMs = stopMs - startMs;
  const receiptScopes = run.scopes.map((s) => s.facts);
  const choice = systemBoundary(manifest.boundary, receiptScopes);
  const { boundary } = choice;
  const all = run.scopes.map((scope) => ({ input: scope, facts: evaluateScope(scope, run) }));
  const parts = all
    .filter(({ input }) => isPart(input.facts) && input.facts.boundary === boundary)
    .map((s) => s.facts);
  const switches = all.filter(({ input }) => !isPart(input.facts)).map((s) => s.facts);
  const nodeEnergy = parts.length > 0 ? sumEnergy(parts.map((f) => f.scope.energy)) : NO_ENERGY;
  const switchEnergy = switches.length > 0 ? sumEnergy(switches.map((f) => f.scope.energy)) : NO_ENERGY;
  const energy = switches.length > 0 ? withSwitches(nodeEnergy, switchEnergy) : nodeEnergy;
  const energyMethod = methodOf(energy);
  const usedJ = energyBy(energyMethod, energy);
  const disabling = disablingReasons(manifest, choice, receiptScopes);
  const coverages = parts.map((f) => f.scope.coverageRatio);
  const coverageRatio =
    coverages.length === 0 || coverages.includes(null) ? null : Math.min(...(coverages as number[]));
  const used = run.scopes.filter((s) => isPart(s.facts) && s.facts.boundary === boundary);
  const isBracketed =
    energyMethod === 'counter'
      ? parts.every((f) => f.counter?.isBracketed)
      : used.every((s) => s.folded.isBracketed);
  const maxGapInRunS = largest(parts.map((f) => f.scope.maxGapInRunS));
  const evidence = gradeEvidence({
    coverageRatio,
    maxGapInRunS: energyMethod === 'counter' ? null : maxGapInRunS,
    isBracketed,
    declared: declaredReasons(manifest, receiptScopes),
    disabling,
  });
  const work = workOf(manifest, progress);
  const perUnit = (units: number | null): number | null =>
    units !== null && usedJ !== null ? usedJ / units : null;
  const maxGapMs = largest(used.map((s) => s.folded.maxGapMs));
  const scopes = all.map((s) => s.facts.scope);
  const health = runHealth(scopes);
  const sensor = sensorOf({ sku: manifest.sku, boundary, energyMethod, energy, scopes });
  const trained = evaluateProgress(manifest, progress, { runMs, energyJ: usedJ, work });
  const units = evaluateRunUnits({
    ...{ manifest, startMs, stopMs, status: run.status, boundary, energyMethod, energyJ: usedJ, work },
    scopes: all,
    evidence: evidence.grade,
    logs: progress,
    progress: trained.progress,
  });
  const timeline = timelineOf(
    run,
    [...parts, ...switches].map((f) => f.scope),
    scopes,
    units.figures.units,
  );
  const findings = [
    ...disabling.map((message): Finding => ({ code: 'energy-incomplete', severity: 'error', message })),
    ...receiptFindings(run.receipts),
    ...run.sourceFindings,
    ...scopeFindings([...parts, ...switches.filter((f) => !f.scope.isEstimate)]),
    ...idlePadding(parts, nodeEnergy, runMs),
    ...counterFindings(all.map((s) => s.facts)),
    ...crossCheck(nodeEnergy),
    ...healthFindings(all.map((s) => s.facts)),
    ...trained.findings,
    ...units.findings,
    ...remarks(run, switches, { isBracketed, energyMethod }),
  ];
  return {
    schema: 'wattline/evaluation@1',
    program: manifest.program,
    run: manifest.run,
    role: manifest.role,
    sku: manifest.sku,
    system: { ...manifest.system, chipsPerNode: manifest.system.chipsPerNode ?? null },
    workload: manifest.workload,
    boundary,
    boundaryBasis: manifest.boundaryBasis ?? 'declared',
    scoring: manifest.scoring ?? null,
    simulated: manifest.simulated ?? false,
    status: run.status,
    startMs,
    stopMs,
    timeToTrainS: runMs / 1000,
    work: { unit: manifest.workUnit, amount: work.amount, tokens: work.tokens, basis: work.basis },
    energy,
    energyMethod,
    nodes: nodeEnergy,
    switches: switchEnergy,
    energyPerSampleJ: perUnit(work.samples),
    energyPerTokenJ: perUnit(work.tokens),
    meanPowerW: usedJ === null ? null : (usedJ / runMs) * 1000,
    coverageRatio,
    bracketed: parts.length > 0 && isBracketed,
    maxGapS: maxGapMs === null ? null : maxGapMs / 1000,
    maxGapInRunS,
    medianPeriodS: largest(parts.map((f) => f.scope.medianPeriodS)),
    ...(health ? { health } : {}),
    ...(sensor ? { sensor } : {}),
    ...(trained.progress ? { progress: trained.progress } : {}),
    evidence: evidence.grade,
    evidenceReasons: [...evidence.reasons],
    findings: placedFindings(findings, timeline && { startMs, stopMs, timeline }),
    scopes,
    ...units.figures,
    timeline,
    quality: progress.evaluations.map((e) => ({ timeS: (e.timeMs - startMs) / 1000, value: e.value })),
    contentDigest: run.contentDigest,
    inputs: run.receipts.map((receipt) => inputOf(receipt, run.rejects?.get(receipt.path) ?? [])),
    code: run.code,
  };
}

function timelineOf(run: RunInput, ...drawn: Parameters<RunInput['timeline']>): Timeline | null {
  const timeline = run.timeline(...drawn);
  if (!timeline) return null;
  const { startMs, stepMs, powerW } = timeline;
  const grid = { startMs, stepMs, points: powerW.length };
  return {
    ...timeline,
    work: workSeries(run.progress.steps, run.manifest, grid),
    marks: marksOf(run.progress),
  };
}

function inputOf(receipt: Receipt, rejects: readonly InputRejects[]): Evaluation['inputs'][number] {
  const { path, sha256, contentSha256, format, status, rows, rejected, refusal, source } = receipt;
  return {
    ...{ path, sha256, contentSha256, format, status, rows, rejected },
    bytes: source.sizeBytes,
    refusal,
    rejects: [...rejects],
  };
}

/** The switches have no counter that could be added: the counter method then has no system figure. */
function withSwitches(nodes: Evaluation['energy'], switches: Evaluation['energy']): Evaluation['energy'] {
  return sumEnergy([nodes, switches]);
}

function remarks(
  run: RunInput,
  switches: readonly ScopeFacts[],
  { isBracketed, energyMethod }: { isBracketed: boolean; energyMethod: EnergyMethod | null },
): Finding[] {
  const findings: Finding[] = [];
  if (run.status === 'unknown') {
    findings.push({
      code: 'status-unknown',
      severity: 'warning',
      message: 'no log says how the run ended; expected "status" in run.json where none can',
    });
  } else if (run.status !== 'success') {
    findings.push({
      code: 'run-not-successful',
      severity: 'error',
      message: `the run ended with status ${JSON.stringify(run.status)}`,
    });
  }
  if (run.manifest.boundaryBasis === 'assumed') {
    const message = `no file states what the power readings cover; ${run.manifest.boundary ?? 'the boundary'} is assumed`;
    findings.push({ code: 'boundary-assumed', severity: 'warning', message });
  }
  if (energyMethod === 'counter') {
    findings.push({
      code: 'energy-from-counter',
      severity: 'info',
      message: 'no power reading covers the system: its energy is that of the hardware counters',
    });
  }
  if (!isBracketed) {
    findings.push({
      code: 'not-bracketed',
      severity: 'warning',
      message:
        energyMethod === 'counter'
          ? 'the energy counter does not reach run start or run stop; its mean power stands in'
          : 'the power log does not reach run start or run stop; power is held at the nearest reading',
    });
  }
  const unread = switches.filter((f) => !f.scope.isEstimate && f.log !== null);
  if (unread.length > 0) {
    findings.push({
      code: 'switch-readings',
      severity: 'info',
      message: `${list(unread)}: read, not estimated; the MLPerf rule knows only the estimate`,
    });
  }
  const estimated = switches.filter((f) => f.scope.isEstimate);
  if (estimated.length > 0) {
    findings.push({
      code: 'switch-estimated',
      severity: 'info',
      message: `${list(estimated)}: energy is an estimate from rated power, not a reading`,
    });
  }
  return findings;
}

const list = (facts: readonly ScopeFacts[]): string => facts.map((f) => f.scope.id).join(', ');
