import type { ContrastResult } from '../decision/decision.ts';
import { meanInterval } from '../statistics/mean-interval.ts';
import type { ChipSpread } from './chip-spread.ts';
import { counted, lotName } from './contrast-text.ts';
import { listText, ratioText } from './format.ts';

type Unit = ContrastResult['units'][number];

/** Chips of the candidate that share a lot, or a bin. */
export interface ChipGroup {
  readonly name: string;
  readonly units: readonly Unit[];
}

/** Groups named in the text, of each end. */
const NAMED = 3;
const CONFIDENCE = 0.95;

/** Lot 2 before lot 10. */
const byNumbers = (a: ChipGroup, b: ChipGroup): number =>
  a.name.localeCompare(b.name, 'en', { numeric: true }) || (a.name < b.name ? -1 : 1);

const binName = (bin: string): string => (/^bin/i.test(bin) ? bin : `bin ${bin}`);

function groupsOf(units: readonly Unit[], nameOf: (u: Unit) => string): ChipGroup[] {
  const groups = Map.groupBy(units, nameOf);
  return [...groups].map(([name, own]) => ({ name, units: own })).sort(byNumbers);
}

export const lotsOf = ({ candidate, lots }: ChipSpread): ChipGroup[] =>
  groupsOf(candidate, (u) => (u.lot !== null ? lotName(u.lot) : lots > 0 ? 'no lot named' : 'candidate'));

/** Bins, where at least two chips were told apart by one. */
export function binsOf({ candidate }: ChipSpread): ChipGroup[] {
  const bins = new Set(candidate.map((u) => u.bin));
  return bins.size < 2 ? [] : groupsOf(candidate, (u) => (u.bin === null ? 'no bin named' : binName(u.bin)));
}

function groupText({ name, units }: ChipGroup): { name: string; ratio: number; text: string } {
  const logs = units.map((u) => Math.log(u.ratio));
  const ratio = Math.exp(logs.reduce((sum, v) => sum + v, 0) / logs.length);
  const interval = meanInterval(logs, CONFIDENCE);
  const bounds = interval && interval.low !== null && interval.high !== null;
  const range = bounds
    ? `, ${ratioText(Math.exp(interval.low))} to ${ratioText(Math.exp(interval.high))}`
    : '';
  return { name, ratio, text: `${name} ${ratioText(ratio)} (${counted(units.length, 'chip')}${range})` };
}

/** Groups by the geometric mean of their chips, each with its 95 % interval; both ends where they are many. */
export function groupsText(what: string, groups: readonly ChipGroup[]): string | null {
  if (groups.length < 2) return null;
  const sorted = groups.map(groupText).sort((a, b) => a.ratio - b.ratio);
  const text = (some: typeof sorted): string => listText(some.map((g) => g.text));
  if (sorted.length <= 2 * NAMED) return `${what} from best to worst, 95 % intervals: ${text(sorted)}.`;
  return `Best ${what.toLowerCase()}, 95 % intervals: ${text(sorted.slice(0, NAMED))}. Worst: ${text(sorted.slice(-NAMED).reverse())}.`;
}
