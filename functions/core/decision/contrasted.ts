import type { PriceBasis } from '../efficiency/catalogue.ts';
import type { Evaluation, EvidenceGrade } from '../efficiency/evaluation.ts';
import { worstGrade } from '../efficiency/evidence.ts';
import { pricePerChipHour } from '../efficiency/prices.ts';
import type { Boundary } from '../telemetry/boundary.ts';
import { type Contrast, contrastOf, type Spread, spreadOf } from './contrast.ts';
import { lossParity } from './loss-parity.ts';
import type { Pair } from './pairs.ts';
import type { RatioMetric } from './policy.ts';
import { commonKind, type UnitNight, type UnitNights, unitNights } from './unit-nights.ts';

/** A contrast of a pair in one metric, with what it rests on. */
export interface Contrasted {
  readonly name: string;
  readonly workload: string;
  readonly metric: RatioMetric;
  /** Energy methods, price basis, or at what work losses were read. */
  readonly method: string;
  /** Of the energies on both sides; null for what is no energy. */
  readonly boundary: Boundary | null;
  readonly contrast: Contrast;
  readonly spread: Spread;
  /** Worst grade of the runs that count. */
  readonly evidence: EvidenceGrade;
  /** Least coverage and largest gap of the same runs, null where one of them has none; absent for what is no energy. */
  readonly measured?: { readonly coverageRatio: number | null; readonly maxGapInRunS: number | null };
  readonly runs: { readonly candidate: number; readonly baseline: number };
  /** Runs left out for their evidence. */
  readonly excluded: readonly string[];
  /** Geometric means over units. */
  readonly levels: { readonly candidate: number; readonly baseline: number };
  /** Ratio of sums over everything. */
  readonly pooled: { readonly amount: readonly [number, number]; readonly work: readonly [number, number] };
  /** The same from the first so many nights alone. */
  readonly ofFirst: (nights: number) => { readonly contrast: Contrast; readonly spread: Spread } | null;
  /** Values by unit and night. */
  readonly candidateValues: readonly UnitNight[];
  readonly baselineValues: readonly UnitNight[];
}

export interface ContrastOptions {
  readonly minimumEvidence: EvidenceGrade;
  readonly maximumExcludedRatio: number;
  readonly prices: PriceBasis | null;
}

/** Metrics that are formed over units and nights; the others are scored by set of runs. */
export const CONTRASTED = [
  'energy-per-sample',
  'energy-per-token',
  'energy-per-useful-token',
  'time-per-useful-token',
  'cost-per-useful-token',
  'loss-at-equal-tokens',
] as const satisfies readonly RatioMetric[];
export type ContrastedMetric = (typeof CONTRASTED)[number];

export const isContrasted = (metric: string): metric is ContrastedMetric =>
  (CONTRASTED as readonly string[]).includes(metric);

/** The contrast, or why there is none. */
export function contrasted(
  pair: Pair,
  metric: ContrastedMetric,
  options: ContrastOptions,
): Contrasted | { readonly reason: string } {
  const sides = sidesOf(pair, metric, options);
  if ('reason' in sides) return sides;
  const { candidate, baseline, shift, method } = sides;
  const runs = { candidate: candidate.runs, baseline: baseline.runs };
  const excluded = [...candidate.excluded, ...baseline.excluded];
  const all = runs.candidate + runs.baseline + excluded.length;
  if (excluded.length > all * options.maximumExcludedRatio) {
    return {
      reason:
        `${excluded.length} of ${all} runs have evidence below ${options.minimumEvidence}, for instance ${excluded[0]}; ` +
        `expected at most ${Math.round(options.maximumExcludedRatio * 100)} % to be left out`,
    };
  }
  if (candidate.values.length === 0 || baseline.values.length === 0)
    return {
      reason: `${metric}: ${candidate.values.length === 0 ? 'the candidate' : 'the baseline'} has no value`,
    };
  const of = (c: readonly UnitNight[], b: readonly UnitNight[]) => {
    const contrast = shifted(contrastOf(candidate.kind, c, b), shift);
    return { contrast, spread: spreadOf(contrast) };
  };
  const whole = of(candidate.values, baseline.values);
  const nights = whole.contrast.nights.map((n) => n.night);
  const counted = (side: Pair['candidate'], u: UnitNights) => side.filter((e) => !u.excluded.includes(e.run));
  const graded = [...counted(pair.candidate, candidate), ...counted(pair.baseline, baseline)];
  return {
    name: pair.name,
    workload: pair.workload,
    metric,
    method,
    boundary: sides.boundary,
    ...whole,
    ...(isEnergy(metric) ? measuredBy(graded) : { evidence: 'A' }),
    runs,
    excluded,
    levels: {
      candidate: Math.exp(levelOf(candidate.values)),
      baseline: Math.exp(levelOf(baseline.values)),
    },
    pooled: { amount: [candidate.amount, baseline.amount], work: [candidate.work, baseline.work] },
    ofFirst: (count) => {
      const last = nights[count - 1];
      if (last === undefined) return null;
      const until = (v: UnitNight): boolean => v.night <= last;
      const [c, b] = [candidate.values.filter(until), baseline.values.filter(until)];
      return c.length === 0 || b.length === 0 ? null : of(c, b);
    },
    candidateValues: candidate.values,
    baselineValues: baseline.values,
  };
}

export const isEnergy = (metric: string): boolean => metric.startsWith('energy');

/** How well the runs behind an energy were measured: the worst of each. */
function measuredBy(runs: readonly Evaluation[]): Pick<Contrasted, 'evidence' | 'measured'> {
  const worst = (of: (e: Evaluation) => number | null, worse: (a: number, b: number) => number) =>
    runs.map(of).reduce((a, b) => (a === null || b === null ? null : worse(a, b)));
  return {
    evidence: worstGrade(runs.map((e) => e.evidence)),
    measured: {
      coverageRatio: worst((e) => e.coverageRatio, Math.min),
      maxGapInRunS: worst((e) => e.maxGapInRunS, Math.max),
    },
  };
}

interface Sides {
  readonly candidate: UnitNights;
  readonly baseline: UnitNights;
  /** Added to the log ratio. */
  readonly shift: number;
  readonly method: string;
  readonly boundary: Boundary | null;
}

function sidesOf(
  pair: Pair,
  metric: ContrastedMetric,
  { minimumEvidence, prices }: ContrastOptions,
): Sides | { reason: string } {
  if (metric === 'loss-at-equal-tokens') return lossSides(pair);
  const price = metric === 'cost-per-useful-token' ? priceShift(pair, prices) : { shift: 0, method: '' };
  if ('reason' in price) return price;
  const counted = metric === 'cost-per-useful-token' ? 'time-per-useful-token' : metric;
  const kind = commonKind(pair.candidate, pair.baseline, counted);
  const boundary = counted.startsWith('energy') ? boundaryOf(pair, kind) : null;
  if (boundary && typeof boundary !== 'string') return boundary;
  const of = (side: Pair['candidate']) => unitNights(side, counted, kind, minimumEvidence);
  return {
    candidate: of(pair.candidate),
    baseline: of(pair.baseline),
    boundary,
    shift: price.shift,
    method: price.method || (counted.startsWith('energy') ? energyMethods(pair) : 'run start to run stop'),
  };
}

/** To four digits, with thousands apart: 9,568,000. */
const wholeText = (value: number): string =>
  String(Number(value.toPrecision(4))).replace(/\B(?=(\d{3})+$)/g, ',');

function lossSides(pair: Pair): Sides | { reason: string } {
  const parity = lossParity(pair.candidate, pair.baseline);
  if (!parity) return { reason: 'no training loss against work done on both sides, in one unit of work' };
  const side = (values: readonly UnitNight[]): UnitNights => ({
    kind: 'run',
    values,
    amount: 0,
    work: 0,
    runs: values.length,
    excluded: [],
  });
  return {
    candidate: side(parity.candidate),
    baseline: side(parity.baseline),
    boundary: null,
    shift: 0,
    method: `at ${wholeText(parity.tokens)} ${parity.unit}s`,
  };
}

/** The boundary that the energies of both sides have; or why there is none. */
function boundaryOf(pair: Pair, kind: UnitNights['kind']): Boundary | { reason: string } {
  const of = (side: Pair['candidate']): (Boundary | null)[] => [
    ...new Set(
      kind === 'run'
        ? side.map((e) => e.boundary)
        : side.flatMap((e) => e.units.filter((u) => u.kind === kind).map((u) => u.boundary)),
    ),
  ];
  const [c, b] = [of(pair.candidate), of(pair.baseline)];
  const [boundary] = c;
  if (c.length === 1 && b.length === 1 && boundary && boundary === b[0]) return boundary;
  const text = (found: readonly (Boundary | null)[]): string =>
    found.map((f) => f ?? 'not one').join(' and ');
  return {
    reason: `different boundaries: candidate ${text(c)}, baseline ${text(b)}; a ratio across boundaries is no ratio`,
  };
}

function priceShift(
  pair: Pair,
  prices: PriceBasis | null,
): { shift: number; method: string } | { reason: string } {
  if (!prices) return { reason: 'no price basis' };
  const [c, b] = [pair.candidateSku, pair.baselineSku].map((sku) => pricePerChipHour(prices, sku));
  if (c === null || c === undefined || b === null || b === undefined) {
    const sku = c === null || c === undefined ? pair.candidateSku : pair.baselineSku;
    return { reason: `no price for ${sku} in the basis ${prices.name} (${prices.date})` };
  }
  return { shift: Math.log(c / b), method: prices.name };
}

const energyMethods = (pair: Pair): string =>
  [...new Set([...pair.candidate, ...pair.baseline].flatMap((e) => e.energyMethod ?? []))]
    .sort()
    .join(' and ');

const levelOf = (values: readonly UnitNight[]): number => {
  const units = [...Map.groupBy(values, (v) => v.unit).values()];
  const of = (own: readonly UnitNight[]): number => own.reduce((s, v) => s + v.logValue, 0) / own.length;
  return units.reduce((sum, own) => sum + of(own), 0) / units.length;
};

function shifted(contrast: Contrast, shift: number): Contrast {
  if (shift === 0) return contrast;
  return {
    ...contrast,
    logRatio: contrast.logRatio + shift,
    candidate: contrast.candidate.map((u) => ({ ...u, logRatio: u.logRatio + shift })),
    nights: contrast.nights.map((n) => ({ ...n, logRatio: n.logRatio + shift })),
  };
}
