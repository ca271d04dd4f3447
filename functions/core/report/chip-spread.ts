import type { ContrastResult } from '../decision/decision.ts';
import { CHIP_PERCENTILES, type Percentile, percentiles } from '../statistics/percentiles.ts';
import { counted, lotName } from './contrast-text.ts';
import { listText, METRIC_NAMES, percent, ratioText } from './format.ts';

type Unit = ContrastResult['units'][number];

/** Named in the text, of each end. */
const NAMED = 3;

/** How the candidate's units lie around the mean of the baseline. */
export interface ChipSpread {
  /** Ascending: the best first. */
  readonly candidate: readonly Unit[];
  readonly baseline: readonly Unit[];
  readonly lots: number;
  readonly percentiles: readonly Percentile[];
  readonly confidence: number;
}

const CONFIDENCE = 0.95;

export function chipSpread({ units }: ContrastResult): ChipSpread | null {
  const side = (role: Unit['role']): Unit[] =>
    units
      .filter((u) => u.role === role)
      .sort((a, b) => (a.ratio === b.ratio ? (a.unit < b.unit ? -1 : 1) : a.ratio - b.ratio));
  const [candidate, baseline] = [side('candidate'), side('baseline')];
  if (candidate.length === 0) return null;
  const values = candidate.map((u) => u.ratio);
  return {
    candidate,
    baseline,
    lots: new Set(candidate.flatMap((u) => u.lot ?? [])).size,
    percentiles: percentiles(values, CHIP_PERCENTILES, CONFIDENCE),
    confidence: CONFIDENCE,
  };
}

/** "P95 0.861 (0.852 to no bound)". */
export function percentileText({ percentile, value, low, high }: Percentile): string {
  const bound = (v: number | null): string => (v === null ? 'no bound' : ratioText(v));
  const interval = low === null && high === null ? 'no interval' : `${bound(low)} to ${bound(high)}`;
  return `P${percentile} ${ratioText(value)} (${interval})`;
}

const named = (units: readonly Unit[]): string =>
  listText(units.map((u) => `${u.unit}${u.lot ? ` of ${lotName(u.lot)}` : ''} ${ratioText(u.ratio)}`));

/** What the distribution shows, in a sentence. */
export function chipsFinding({ metric, unit, shareBetter }: ContrastResult, spread: ChipSpread): string {
  const { candidate, lots } = spread;
  const better = candidate.filter((u) => u.ratio < 1).length;
  const share = shareBetter ?? better / candidate.length;
  const of = lots > 0 ? ` of ${counted(lots, 'lot')}` : '';
  const worst = candidate.at(-1) as Unit;
  const count =
    better === candidate.length
      ? `All ${counted(candidate.length, unit)}${of} lie`
      : `${better} of ${counted(candidate.length, unit)}${of} (${percent(share)}) lie`;
  return `${count} below the mean of the baseline in ${METRIC_NAMES[metric]}; the worst, ${worst.unit}, stands at ${ratioText(worst.ratio)}.`;
}

/** Both ends by name; all of them where they are few. */
export function endsText({ candidate }: ChipSpread): string {
  if (candidate.length <= 2 * NAMED) return `From best to worst: ${named(candidate)}.`;
  const worst = candidate.slice(-NAMED).reverse();
  return `Best: ${named(candidate.slice(0, NAMED))}. Worst: ${named(worst)}.`;
}
