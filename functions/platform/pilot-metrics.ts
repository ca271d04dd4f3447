import type { ContrastResult, Decision, Verdict } from '../core/decision/decision.ts';
import { staleReason } from '../core/decision/drift.ts';
import { nightOf } from '../core/decision/unit-nights.ts';
import type { Evaluation } from '../core/efficiency/evaluation.ts';
import { embeddedLine, type Metrics } from './metrics.ts';

/** The other set of dimensions. Programs and their workloads are few; chips and runs are no dimension. */
export const PILOT_DIMENSIONS = ['Program', 'Workload'] as const;

/** What is said of the program as a whole stands under this workload, as in the gates of a decision. */
export const WHOLE_PROGRAM = 'program';
export const PROGRAM_METRICS = ['Verdict'] as const;
/** What is said of each workload. A figure that nothing measured is left out: no reading is not zero. */
export const WORKLOAD_METRICS = [
  'EnergyRatio',
  'EnergyRatioLow',
  'EnergyRatioHigh',
  'CandidateEnergyPerToken',
  'BaselineEnergyPerToken',
  'CandidateMfu',
  'BaselineMfu',
  'CandidateThrottledShare',
  'BaselineThrottledShare',
  'CandidateCoverage',
  'BaselineCoverage',
  'CandidateChips',
  'BaselineChips',
] as const;
export type PilotMetric = (typeof PROGRAM_METRICS)[number] | (typeof WORKLOAD_METRICS)[number];

/** A verdict as a height: what stands higher is better for the chip. */
export const VERDICT_LEVELS: Readonly<Record<Verdict, number>> = { stop: -1, hold: 0, 'scale-up': 1 };

/** More workloads of a program than this are counted, not shown: each is 13 metrics, which cost by the month. */
export const WORKLOADS_LIMIT = 20;
/** A program is active while its last run is younger than this ... */
export const ACTIVE_DAYS = 7;
/** ... and silent when it is older than a night and two hours' grace. */
export const SILENT_HOURS = 26;

/** A night is decided on its own day, or on the next. */
const RECENT_HOURS = 48;

const HOUR_MS = 3_600_000;
const ROLES = ['candidate', 'baseline'] as const;
type Role = (typeof ROLES)[number];

export interface NightFacts {
  readonly decision: Decision;
  /** Latest evaluation of each run of the program. */
  readonly evaluations: readonly Evaluation[];
}

/** CloudWatch takes printable ASCII of up to 255 characters as the value of a dimension. */
const dimensionValue = (name: string): string =>
  name
    .replace(/[^\x20-\x7e]/g, '?')
    .trim()
    .slice(0, 255) || '?';

const seenBy = ({ decision, evaluations }: NightFacts): Evaluation[] =>
  evaluations.filter((e) => nightOf(e) <= decision.date);

const workloadsOf = (facts: NightFacts): Map<string, Evaluation[]> =>
  Map.groupBy(
    seenBy(facts).sort((a, b) => (a.workload.name < b.workload.name ? -1 : 1)),
    (e) => e.workload.name,
  );

/** Runs of one side in each of its nights, the last one first. */
const nightsOf = (runs: readonly Evaluation[], role: Role): Evaluation[][] =>
  [
    ...Map.groupBy(
      runs.filter((e) => e.role === role),
      nightOf,
    ),
  ]
    .sort(([a], [b]) => (a < b ? 1 : -1))
    .map(([, own]) => own);

/** Chips that were read in a night; of nodes that were read as a whole, the chips that they consist of. */
export function chipsReporting(runs: readonly Evaluation[]): number {
  const read = runs.flatMap((e) => e.units.filter((u) => u.energyJ !== null));
  const chips = new Set(read.filter((u) => u.kind === 'chip').map((u) => u.id));
  if (chips.size > 0) return chips.size;
  const nodes = new Map(read.map((u) => [u.id, u.chips ?? 0]));
  return [...nodes.values()].reduce((sum, n) => sum + n, 0);
}

const present = (values: readonly (number | null | undefined)[]): number[] =>
  values.filter((v): v is number => v !== null && v !== undefined && Number.isFinite(v));

function meanOf(values: readonly (number | null | undefined)[]): number | null {
  const read = present(values);
  return read.length === 0 ? null : read.reduce((sum, v) => sum + v, 0) / read.length;
}

function throttledShare({ health }: Evaluation): number | null {
  const parts = health ? present(Object.values(health.throttledRatio)) : [];
  return parts.length === 0 ? null : parts.reduce((sum, v) => sum + v, 0);
}

/** Of the last night of one side. Coverage is that of the worst run: the evidence is as good as its weakest part. */
function sideValues(
  runs: readonly Evaluation[],
  side: 'Candidate' | 'Baseline',
): Record<string, number | null> {
  const night = nightsOf(runs, side === 'Candidate' ? 'candidate' : 'baseline')[0] ?? [];
  const coverage = present(night.map((e) => e.coverageRatio));
  return {
    [`${side}Mfu`]: meanOf(night.map((e) => e.progress?.overRun.mfuRatio)),
    [`${side}ThrottledShare`]: meanOf(night.map(throttledShare)),
    [`${side}Coverage`]: coverage.length === 0 ? null : Math.min(...coverage),
    [`${side}Chips`]: night.length === 0 ? null : chipsReporting(night),
  };
}

/** The ratio that the pilot is about: per useful token where logs tell what was kept, else per token. */
const energyContrast = ({ contrasts }: Decision, workload: string): ContrastResult | undefined =>
  contrasts.find((c) => c.workload === workload && c.metric === 'energy-per-useful-token') ??
  contrasts.find((c) => c.workload === workload && c.metric === 'energy-per-token');

function workloadValues(
  decision: Decision,
  workload: string,
  runs: readonly Evaluation[],
): Record<string, number> {
  const contrast = energyContrast(decision, workload);
  const all: Record<string, number | null> = {
    EnergyRatio: contrast?.ratio ?? null,
    EnergyRatioLow: contrast?.nightly?.low ?? null,
    EnergyRatioHigh: contrast?.nightly?.high ?? null,
    CandidateEnergyPerToken: contrast?.candidate ?? null,
    BaselineEnergyPerToken: contrast?.baseline ?? null,
    ...sideValues(runs, 'Candidate'),
    ...sideValues(runs, 'Baseline'),
  };
  return Object.fromEntries(
    WORKLOAD_METRICS.flatMap((name) => present([all[name]]).map((value) => [name, value] as const)),
  );
}

const UNITS = Object.fromEntries(
  WORKLOAD_METRICS.map((name) => [name, name.endsWith('Chips') ? ('Count' as const) : ('None' as const)]),
);

/**
 * What a night's decision says of its pilot: a line for the program, and one for each of its workloads. Nothing for a
 * night long past that is decided again: the dashboard would take it for tonight.
 */
export function pilotLines(facts: NightFacts, timeMs: number): string[] {
  const { decision } = facts;
  if (timeMs - Date.parse(`${decision.date}T00:00:00Z`) > RECENT_HOURS * HOUR_MS) return [];
  const line = (workload: string, values: Readonly<Record<string, number>>): string =>
    embeddedLine({
      timeMs,
      dimensions: { Program: decision.program, Workload: dimensionValue(workload) },
      units: UNITS,
      values,
    });
  return [
    line(WHOLE_PROGRAM, { Verdict: VERDICT_LEVELS[decision.verdict] }),
    ...[...workloadsOf(facts)]
      .slice(0, WORKLOADS_LIMIT)
      .map(([workload, runs]) => line(workload, workloadValues(decision, workload, runs))),
  ];
}

/** Sides of workloads whose last night has fewer chips than the night before. */
const sidesWithFewerChips = (facts: NightFacts): number =>
  [...workloadsOf(facts).values()]
    .flatMap((runs) => ROLES.map((role) => nightsOf(runs, role)))
    .filter(([last, before]) => last && before && chipsReporting(last) < chipsReporting(before)).length;

function hasStaleBaseline(facts: NightFacts): boolean {
  const { date, policy } = facts.decision;
  return [...workloadsOf(facts).values()].some((runs) => {
    const last = nightsOf(runs, 'baseline')[0]?.[0];
    return last !== undefined && staleReason(nightOf(last), date, policy.baseline.maximumAgeDays) !== null;
  });
}

/** Active, and nothing new: the last run ended over a night ago, but not long ago. */
function isSilent(evaluations: readonly Evaluation[], nowMs: number): boolean {
  if (evaluations.length === 0) return false;
  const ageHours = (nowMs - Math.max(...evaluations.map((e) => e.stopMs))) / HOUR_MS;
  return ageHours > SILENT_HOURS && ageHours <= ACTIVE_DAYS * 24;
}

/** Counts what an operator has to know of a night's decision. */
export function countNight(metrics: Metrics<'decide'>, facts: NightFacts, nowMs: number): void {
  if (hasStaleBaseline(facts)) metrics.count('BaselinesStale');
  if (isSilent(facts.evaluations, nowMs)) metrics.count('ProgramsSilent');
  metrics.count('SidesWithFewerChips', sidesWithFewerChips(facts));
  metrics.count('WorkloadsLeftOut', Math.max(0, workloadsOf(facts).size - WORKLOADS_LIMIT));
}
