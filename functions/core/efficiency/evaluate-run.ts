import type { Boundary } from '../telemetry/boundary.ts';
import { bucketLengthMs, gapLimitMs, medianPeriodMs } from '../telemetry/ledger.ts';
import type { RunManifest } from '../telemetry/manifest.ts';
import type { RunProgress } from '../telemetry/progress-fold.ts';
import type { Receipt, ReceiptScope } from '../telemetry/receipt.ts';
import type { ReadingLog } from '../telemetry/segment.ts';
import {
  clippedTrapezoidJ,
  counterJ,
  measuredPart,
  mlperfTrainingV40J,
  NO_ENERGY,
  type PowerSource,
  sumEnergy,
} from './energy.ts';
import type { Evaluation, Finding, ScopeEvaluation, Timeline } from './evaluation.ts';
import { gradeEvidence } from './evidence.ts';
import { crossCheck, idlePadding, type ScopeFacts, scopeFindings } from './run-findings.ts';
import type { FoldedScope } from './scope-fold.ts';
import { workOf } from './work.ts';

/** One scope of a run, folded over its sources. */
export interface ScopeInput {
  readonly facts: ReceiptScope;
  readonly folded: FoldedScope;
  readonly log: ReadingLog | null;
}

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
  readonly timeline: (scopes: readonly ScopeEvaluation[]) => Timeline | null;
  readonly contentDigest: string;
  readonly code: string;
}

const isPart = (scope: ReceiptScope): boolean => scope.kind !== 'switch';

/** The boundary at which the run's energy is taken: the declared one, or the only one there is. */
function systemBoundary(
  manifest: RunManifest,
  scopes: readonly ScopeInput[],
): { boundary: Boundary | null; choices: Boundary[] } {
  const choices = [...new Set(scopes.filter((s) => isPart(s.facts)).map((s) => s.facts.boundary))].sort();
  if (manifest.boundary) return { boundary: manifest.boundary, choices };
  return { boundary: choices.length === 1 ? (choices[0] as Boundary) : null, choices };
}

function evaluateScope(input: ScopeInput, run: RunInput): ScopeFacts {
  const { facts, folded, log } = input;
  const runMs = run.stopMs - run.startMs;
  const source: PowerSource = {
    folded,
    log,
    conversionEfficiency: facts.conversionEfficiency,
    estimatedPowerW: facts.estimatedPowerW,
  };
  const track = folded.segment.gauges.power_w;
  const periodMs = track ? medianPeriodMs([track.ledger]) : null;
  const limitMs = gapLimitMs(periodMs);
  const part = measuredPart(source, limitMs);
  const energyJ = clippedTrapezoidJ(source, runMs);
  const isEstimate = facts.estimatedPowerW !== null;
  const isRead = energyJ !== null && !isEstimate;
  const gaps = [...(track?.ledger ?? [])].reduce(
    (n, [bucket, e]) => n + (bucketLengthMs(bucket) > limitMs ? e.count : 0),
    0,
  );
  const scope: ScopeEvaluation = {
    id: facts.id,
    kind: facts.kind,
    boundary: facts.boundary,
    measuredBoundary: facts.measuredBoundary,
    conversionEfficiency: facts.conversionEfficiency,
    energy: {
      clippedTrapezoidJ: energyJ,
      mlperfTrainingV40J: mlperfTrainingV40J(source, runMs),
      counterJ: counterJ(source, run.startMs, run.stopMs),
    },
    measuredJ: isRead ? part.measuredJ : null,
    bridgedJ: isRead ? part.bridgedJ : null,
    meanPowerW: energyJ === null ? null : (energyJ / runMs) * 1000,
    coverageRatio: isRead ? part.measuredMs / runMs : null,
    maxGapInRunS: track ? track.maxIntervalMs / 1000 : null,
    medianPeriodS: periodMs === null ? null : periodMs / 1000,
    isEstimate,
  };
  const bridgedShare = isRead && energyJ ? part.bridgedJ / energyJ : 0;
  return {
    scope,
    log,
    gapLimitS: limitMs / 1000,
    gaps,
    bridgedShare,
    resets: folded.segment.counters.energy_j?.resets ?? 0,
  };
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

/** What keeps a run's energy from being the energy of its system. */
function disablingReasons(
  run: RunInput,
  boundary: Boundary | null,
  choices: Boundary[],
  parts: readonly ScopeFacts[],
): string[] {
  const { nodes, chipsPerNode } = run.manifest.system;
  if (choices.length === 0) return ['no power reading in any file'];
  if (boundary === null)
    return [
      `files cover several boundaries (${choices.join(', ')}) and run.json does not say at which energy is taken`,
    ];
  if (parts.length === 0)
    return [`no file covers the boundary ${boundary} that run.json names (there is ${choices.join(', ')})`];
  const chips = chipsPerNode === undefined ? null : nodes * chipsPerNode;
  const expected = boundary === 'chip' ? chips : boundary.startsWith('node') ? nodes : null;
  if (expected !== null && parts.length < expected) {
    return [`power was read for ${parts.length} of ${expected} ${boundary === 'chip' ? 'chips' : 'nodes'}`];
  }
  return [];
}

function declaredReasons(run: RunInput, scopes: readonly ReceiptScope[]): string[] {
  const converted = scopes.filter((s) => s.efficiencyBasis === 'declared' && isPart(s));
  const factors = [...new Set(converted.map((s) => `${s.measuredBoundary} times ${s.conversionEfficiency}`))];
  return [
    ...(run.manifest.boundaryBasis === 'assumed' ? ['the boundary is assumed: no file states it'] : []),
    ...(factors.length > 0 ? [`power is ${factors.join(', ')}, a declared conversion efficiency`] : []),
  ];
}

/**
 * The result for one run, from what its sources were folded to. Energies in joules, of the whole system: the
 * scopes at the system's boundary plus its switches; a scope without a figure leaves the sum without one.
 */
export function evaluateRun(run: RunInput): Evaluation {
  const { manifest, progress, startMs, stopMs } = run;
  const runMs = stopMs - startMs;
  const { boundary, choices } = systemBoundary(manifest, run.scopes);
  const all = run.scopes.map((scope) => ({ input: scope, facts: evaluateScope(scope, run) }));
  const parts = all
    .filter(({ input }) => isPart(input.facts) && input.facts.boundary === boundary)
    .map((s) => s.facts);
  const switches = all.filter(({ input }) => !isPart(input.facts)).map((s) => s.facts);
  const nodeEnergy = parts.length > 0 ? sumEnergy(parts.map((f) => f.scope.energy)) : NO_ENERGY;
  const switchEnergy = switches.length > 0 ? sumEnergy(switches.map((f) => f.scope.energy)) : NO_ENERGY;
  const energy = switches.length > 0 ? withSwitches(nodeEnergy, switchEnergy) : nodeEnergy;
  const disabling = disablingReasons(run, boundary, choices, parts);
  const coverages = parts.map((f) => f.scope.coverageRatio);
  const coverageRatio =
    coverages.length === 0 || coverages.includes(null) ? null : Math.min(...(coverages as number[]));
  const isBracketed = run.scopes
    .filter((s) => isPart(s.facts) && s.facts.boundary === boundary)
    .every((s) => s.folded.isBracketed);
  const maxGapInRunS = largest(parts.map((f) => f.scope.maxGapInRunS));
  const evidence = gradeEvidence({
    coverageRatio,
    maxGapInRunS,
    isBracketed,
    declared: declaredReasons(
      run,
      run.scopes.map((s) => s.facts),
    ),
    disabling,
  });
  const work = workOf(manifest, progress);
  const gaps = run.scopes
    .filter((s) => isPart(s.facts) && s.facts.boundary === boundary)
    .map((s) => s.folded.maxGapMs);
  const perUnit = (units: number | null): number | null =>
    units !== null && energy.clippedTrapezoidJ !== null ? energy.clippedTrapezoidJ / units : null;
  const maxGapMs = largest(gaps);
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
    nodes: nodeEnergy,
    switches: switchEnergy,
    energyPerSampleJ: perUnit(work.samples),
    energyPerTokenJ: perUnit(work.tokens),
    meanPowerW: energy.clippedTrapezoidJ === null ? null : (energy.clippedTrapezoidJ / runMs) * 1000,
    coverageRatio,
    bracketed: parts.length > 0 && isBracketed,
    maxGapS: maxGapMs === null ? null : maxGapMs / 1000,
    maxGapInRunS,
    medianPeriodS: largest(parts.map((f) => f.scope.medianPeriodS)),
    evidence: evidence.grade,
    evidenceReasons: [...evidence.reasons],
    findings: [
      ...disabling.map((message): Finding => ({ code: 'energy-incomplete', severity: 'error', message })),
      ...receiptFindings(run.receipts),
      ...run.sourceFindings,
      ...scopeFindings([...parts, ...switches.filter((f) => !f.scope.isEstimate)]),
      ...idlePadding(parts, nodeEnergy, runMs),
      ...crossCheck(nodeEnergy),
      ...remarks(run, switches, isBracketed),
    ],
    scopes: all.map((s) => s.facts.scope),
    timeline: run.timeline([...parts, ...switches].map((f) => f.scope)),
    quality: progress.evaluations.map((e) => ({ timeS: (e.timeMs - startMs) / 1000, value: e.value })),
    contentDigest: run.contentDigest,
    inputs: run.receipts.map(({ path, sha256, contentSha256, format, status, rows, rejected }) => ({
      path,
      sha256,
      contentSha256,
      format,
      status,
      rows,
      rejected,
    })),
    code: run.code,
  };
}

/** The switches have no counter that could be added: the counter method then has no system figure. */
function withSwitches(nodes: Evaluation['energy'], switches: Evaluation['energy']): Evaluation['energy'] {
  return sumEnergy([nodes, switches]);
}

function remarks(run: RunInput, switches: readonly ScopeFacts[], isBracketed: boolean): Finding[] {
  const findings: Finding[] = [];
  if (run.status !== 'success') {
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
  if (!isBracketed) {
    findings.push({
      code: 'not-bracketed',
      severity: 'warning',
      message: 'the power log does not reach run start or run stop; power is held at the nearest reading',
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
