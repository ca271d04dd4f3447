import type { Evaluation, EvidenceGrade, UnitEvaluation } from '../efficiency/evaluation.ts';
import { isAtLeast } from '../efficiency/evidence.ts';
import type { RatioMetric } from './policy.ts';

/** What one unit (chip, node, or run where the data tells no more apart) came to in one night. */
export interface UnitNight {
  readonly unit: string;
  readonly lot: string | null;
  readonly node: string | null;
  readonly night: string;
  /** ln of amount / work, from the sums of both over the night. */
  readonly logValue: number;
}

export type UnitKind = 'chip' | 'node' | 'run';

export interface UnitNights {
  readonly kind: UnitKind;
  readonly values: readonly UnitNight[];
  /** Sums over everything, for a ratio that is pooled. */
  readonly amount: number;
  readonly work: number;
  /** Runs that count, and those that were left out for their evidence. */
  readonly runs: number;
  readonly excluded: readonly string[];
}

/** UTC day on which a run began: what "a night" is. */
export const nightOf = (e: Pick<Evaluation, 'startMs'>): string =>
  new Date(e.startMs).toISOString().slice(0, 10);

interface Entry {
  readonly unit: string;
  readonly lot: string | null;
  readonly node: string | null;
  readonly night: string;
  readonly amount: number;
  readonly work: number;
}

interface Amounts {
  readonly amount: number | null;
  readonly work: number | null;
}

/** Of which amount and work a metric is the quotient, for a chip or node. */
const OF_UNIT: Partial<Record<RatioMetric, (u: UnitEvaluation) => Amounts>> = {
  'energy-per-token': (u) => ({ amount: u.energyPerTokenJ === null ? null : u.energyJ, work: u.work.tokens }),
  'energy-per-useful-token': (u) => ({
    amount: u.energyPerUsefulTokenJ === null ? null : u.energyJ,
    work: u.work.usefulTokens,
  }),
  'energy-per-sample': (u) => ({
    amount: u.energyPerSampleJ === null ? null : u.energyJ,
    work: u.work.samples,
  }),
  // Chips that share the work of a run equally are all as fast: they say nothing of each other.
  'time-per-useful-token': (u) => ({
    amount: u.work.basis === 'counter' ? u.timePerUsefulTokenS : null,
    work: u.work.basis === 'counter' ? 1 : null,
  }),
};

const chipsOf = ({ system }: Evaluation): number | null =>
  system.chipsPerNode === null ? null : system.nodes * system.chipsPerNode;

/** The same for a run as a whole. */
const OF_RUN: Partial<Record<RatioMetric, (e: Evaluation) => Amounts>> = {
  'energy-per-token': (e) => ({
    amount: e.energyPerTokenJ === null ? null : e.energyPerTokenJ * (e.work.tokens ?? Number.NaN),
    work: e.work.tokens,
  }),
  'energy-per-useful-token': (e) => {
    const perToken = e.progress ? e.progress.energyPerUsefulTokenJ : e.energyPerTokenJ;
    const tokens = usefulTokensOf(e);
    return { amount: perToken === null || tokens === null ? null : perToken * tokens, work: tokens };
  },
  'energy-per-sample': (e) => {
    const samples = e.progress?.useful.samples ?? (e.work.unit === 'sample' ? e.work.amount : null);
    return {
      amount: e.energyPerSampleJ === null || samples === null ? null : e.energyPerSampleJ * samples,
      work: samples,
    };
  },
  'time-per-useful-token': (e) => {
    const chips = chipsOf(e);
    return { amount: chips === null ? null : chips * e.timeToTrainS, work: usefulTokensOf(e) };
  },
};

/** Tokens that a run ended with: real ones where its log tells padding apart. */
export const usefulTokensOf = (e: Evaluation): number | null =>
  e.progress?.useful.realTokens ?? e.progress?.useful.tokens ?? e.work.tokens;

function entriesOf(e: Evaluation, metric: RatioMetric, kind: UnitKind): Entry[] {
  const night = nightOf(e);
  const entry = (place: Pick<Entry, 'unit' | 'lot' | 'node'>, { amount, work }: Amounts): Entry[] =>
    amount !== null && work !== null && amount > 0 && work > 0 ? [{ ...place, night, amount, work }] : [];
  if (kind === 'run') {
    const amounts = OF_RUN[metric]?.(e);
    return amounts ? entry({ unit: e.run, lot: null, node: null }, amounts) : [];
  }
  const pick = OF_UNIT[metric];
  return pick
    ? e.units
        .filter((u) => u.kind === kind)
        .flatMap((u) => entry({ unit: u.id, lot: u.lot, node: u.node }, pick(u)))
    : [];
}

function reduced(entries: readonly Entry[]): UnitNight[] {
  const sums = new Map<string, Entry>();
  for (const e of entries) {
    const key = JSON.stringify([e.unit, e.night]);
    const known = sums.get(key);
    sums.set(
      key,
      known
        ? {
            ...known,
            lot: known.lot ?? e.lot,
            amount: known.amount + e.amount,
            work: known.work + e.work,
          }
        : e,
    );
  }
  return [...sums.values()]
    .map(({ amount, work, ...place }) => ({ ...place, logValue: Math.log(amount / work) }))
    .sort((a, b) => (a.night === b.night ? (a.unit < b.unit ? -1 : 1) : a.night < b.night ? -1 : 1));
}

/** The finest kind of unit that tells at least two units apart, in every run that tells any. */
function kindOf(runs: readonly Evaluation[], metric: RatioMetric): UnitKind {
  for (const kind of ['chip', 'node'] as const) {
    const units = runs.map((e) => entriesOf(e, metric, kind));
    if (units.every((u) => u.length > 0) && new Set(units.flat().map((u) => u.unit)).size > 1) return kind;
  }
  return 'run';
}

/** The finest kind that both sides have. */
export function commonKind(
  candidate: readonly Evaluation[],
  baseline: readonly Evaluation[],
  metric: RatioMetric,
): UnitKind {
  const order: readonly UnitKind[] = ['chip', 'node', 'run'];
  const kinds = [kindOf(candidate, metric), kindOf(baseline, metric)];
  return order[Math.max(...kinds.map((k) => order.indexOf(k)))] as UnitKind;
}

/**
 * Unit by night values of a ratio metric. Energy and work of a night are summed before they are divided, so that a
 * short run does not weigh as much as a long one. Runs below the evidence that is asked for are left out by name.
 */
export function unitNights(
  runs: readonly Evaluation[],
  metric: RatioMetric,
  kind: UnitKind,
  minimumEvidence: EvidenceGrade,
): UnitNights {
  const isEnergy = metric.startsWith('energy');
  const excluded = runs.filter((e) => isEnergy && !isAtLeast(e.evidence, minimumEvidence));
  const counted = runs.filter((e) => !excluded.includes(e));
  const entries = counted.flatMap((e) => entriesOf(e, metric, kind));
  return {
    kind,
    values: reduced(entries),
    amount: entries.reduce((sum, e) => sum + e.amount, 0),
    work: entries.reduce((sum, e) => sum + e.work, 0),
    runs: counted.length,
    excluded: excluded.map((e) => e.run),
  };
}
