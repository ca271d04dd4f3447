import { hierarchicalBootstrap } from '../statistics/bootstrap.ts';
import { oneSidedHalfWidth, SEQUENCE_BURN_IN } from '../statistics/confidence-sequence.ts';
import {
  designEffect,
  intraclassCorrelation,
  varianceComponents,
} from '../statistics/variance-components.ts';
import { type Bounds, hasBounds, nightlyBounds, onceBounds } from './bounds.ts';
import type { Contrast, Spread } from './contrast.ts';
import { type Contrasted, isEnergy } from './contrasted.ts';
import type { ContrastResult, Interval } from './decision.ts';
import type { Monitoring } from './policy.ts';

const CONFIDENCE = 0.95;
const TAIL = (1 - CONFIDENCE) / 2;
/** Of the interval that is printed as a check. */
const RESAMPLES = 2_000;
/** The check is the same for the same data. */
const SEED = 20_260_124;
/** Points of the sequence over nights: enough for a line, and a pilot of a year is drawn as fast as one of a month. */
const SEQUENCE_POINTS = 120;
/** Where a policy does not look every night, the sequence is drawn for this many. */
export const USUAL_NIGHTS = 60;

const ratioInterval = (low: number, high: number): Interval => ({
  low: Math.exp(low),
  high: Math.exp(high),
  confidence: CONFIDENCE,
});

const twoSided = (bounds: Bounds): Interval => ratioInterval(bounds.lower(TAIL), bounds.upper(TAIL));

const plannedNights = (monitoring: Monitoring): number =>
  monitoring.kind === 'nightly' ? monitoring.plannedNights : USUAL_NIGHTS;

function nightly(contrast: Contrast, spread: Spread, planned: number): Interval | null {
  if (contrast.kind === 'run') return null;
  const bounds = nightlyBounds(contrast.logRatio, spread, planned);
  return hasBounds(bounds) ? twoSided(bounds) : null;
}

/** Of the mean of these very units over nights, at all of them at once. */
function theseUnits({ logRatio, kind }: Contrast, { night }: Spread, planned: number): Interval | null {
  if (kind === 'run' || !night || night.nights < SEQUENCE_BURN_IN) return null;
  const half = oneSidedHalfWidth({
    standardError: night.standardError,
    n: night.nights,
    tunedFor: planned,
    alpha: TAIL,
  });
  return ratioInterval(logRatio - half, logRatio + half);
}

function bootstrap({ candidate, baseline }: Contrast): ContrastResult['bootstrap'] {
  const values = (units: Contrast['candidate']) =>
    units.map(({ logRatio: logValue, lot, node }) => ({ logValue, lot, node }));
  const options = { seed: SEED, resamples: RESAMPLES, confidence: CONFIDENCE };
  const found = hierarchicalBootstrap(values(candidate), values(baseline), options);
  if (found.low === null || found.high === null) return null;
  return {
    ...ratioInterval(found.low, found.high),
    method: `${found.method}, by ${found.candidate.unit} and ${found.baseline.unit}`,
  };
}

function sequence(part: Contrasted, planned: number): ContrastResult['nights'] {
  const { nights } = part.contrast;
  const stride = Math.ceil(nights.length / SEQUENCE_POINTS);
  return nights.flatMap(({ night, logRatio }, i): ContrastResult['nights'] => {
    if ((nights.length - 1 - i) % stride !== 0) return [];
    const upTo = part.ofFirst(i + 1);
    if (!upTo) return [];
    const interval = nightly(upTo.contrast, upTo.spread, planned);
    return [
      {
        night,
        ratio: Math.exp(upTo.contrast.logRatio),
        ofNight: Math.exp(logRatio),
        low: interval?.low ?? null,
        high: interval?.high ?? null,
      },
    ];
  });
}

const root = (component: { variance: number } | null): number | null =>
  component === null ? null : Math.sqrt(component.variance);

function spreadResult(part: Contrasted): ContrastResult['spread'] {
  const { contrast, spread } = part;
  const { between, night } = spread;
  const components =
    contrast.kind === 'run'
      ? null
      : varianceComponents(
          part.candidateValues.map(({ unit, lot, logValue }) => ({ chip: unit, lot, logValue })),
        );
  const icc = components && intraclassCorrelation(components);
  const each = components ? components.nights / components.chips : 1;
  return {
    cluster: between?.candidate.cluster ?? null,
    clusters: between ? { candidate: between.candidate.clusters, baseline: between.baseline.clusters } : null,
    betweenSE: between?.standardError ?? null,
    nightSE: contrast.kind === 'run' ? null : (night?.standardError ?? null),
    lotSD: root(components?.lot ?? null),
    unitSD: root(components?.chip ?? null),
    nightSD: root(components?.night ?? null),
    designEffect: icc === null ? null : designEffect(each, icc),
    nightInflation: contrast.kind === 'run' ? null : (night?.inflation ?? null),
  };
}

/** Bin of a chip of one side, where one is named. */
export type BinOf = (role: 'candidate' | 'baseline', unit: string) => string | null;

/** What the decision says of a contrast: its ratio, every interval, and what a chart needs. */
export function contrastResult(
  part: Contrasted,
  monitoring: Monitoring,
  binOf: BinOf = () => null,
): ContrastResult {
  const { contrast, spread } = part;
  const planned = plannedNights(monitoring);
  const once = onceBounds(contrast.logRatio, spread);
  const better = contrast.candidate.filter((u) => u.logRatio < 0).length;
  const units = (role: 'candidate' | 'baseline') =>
    contrast[role].map(({ unit, lot, logRatio, nights }) => ({
      role,
      unit,
      lot,
      bin: contrast.kind === 'chip' ? binOf(role, unit) : null,
      ratio: Math.exp(logRatio),
      nights,
    }));
  const isRuns = contrast.kind === 'run';
  return {
    workload: part.name,
    metric: part.metric,
    method: part.method,
    unit: contrast.kind,
    isPaired: contrast.isPaired,
    ratio: Math.exp(contrast.logRatio),
    candidate: part.levels.candidate,
    baseline: part.levels.baseline,
    n: { candidate: contrast.candidate.length, baseline: contrast.baseline.length },
    runs: part.runs,
    excluded: [...part.excluded],
    boundary: part.boundary,
    evidence: isEnergy(part.metric) ? part.evidence : null,
    coverageRatio: part.measured?.coverageRatio ?? null,
    maxGapInRunS: part.measured?.maxGapInRunS ?? null,
    population: hasBounds(once) ? twoSided(once) : null,
    nightly: nightly(contrast, spread, planned),
    theseUnits: theseUnits(contrast, spread, planned),
    bootstrap: bootstrap(contrast),
    spread: spreadResult(part),
    nights: isRuns ? [] : sequence(part, planned),
    units: [...units('candidate'), ...units('baseline')],
    shareBetter: isRuns ? null : better / contrast.candidate.length,
  };
}
