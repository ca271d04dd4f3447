import type { Decision } from '../decision/decision.ts';
import { counted } from './contrast-text.ts';
import { digits } from './format.ts';
import { type Html, html } from './html.ts';
import { count } from './ramp-text.ts';
import { stackedTable } from './stacked-table.ts';

type Rate = Decision['reliability'][number];

const NAMES: Record<Rate['event'], string> = {
  interruption: 'interruptions',
  'uncorrected memory error': 'uncorrected memory errors',
  fault: 'faults',
  'silent error': 'silent errors',
};

/** The exposure that rates are written for: few fleets have more than a few failures in it. */
const PER_CHIP_HOURS = 1_000;

const hoursText = (hours: number): string => `${hours >= 1_000 ? count(hours) : digits(hours, 3)} chip-hours`;
const rateText = (perChipHour: number): string => {
  const rate = perChipHour * PER_CHIP_HOURS;
  return rate !== 0 && rate < 0.001 ? rate.toExponential(1) : digits(rate, 3);
};
const percentText = ({ confidence }: Rate): string => `${Math.round(confidence * 100)} %`;

/** "0 in 5,040 chip-hours". */
const seenText = (r: Rate): string => `${count(r.count)} in ${hoursText(r.chipHours)}`;

/** None seen is a bound: so rare it has been shown to be, and no rarer. */
function boundText(r: Rate): string {
  return r.count === 0
    ? `below ${rateText(r.atMost)} at ${percentText(r)}`
    : `${rateText(r.perChipHour)}, ${percentText(r)} interval ${rateText(r.low)} to ${rateText(r.high)}`;
}

const uncountedText = (r: Rate): string =>
  r.uncounted === 0
    ? `all ${counted(r.runs, 'run')}`
    : `${counted(r.runs, 'run')}; ${r.uncounted} more did not count them`;

/** Kinds of events that no run of a side counted: not counted is not zero. */
function uncountedTexts({ reliability, sets }: Decision): string[] {
  return (['candidate', 'baseline'] as const).flatMap((role) => {
    if (!sets.some((s) => s.role === role)) return [];
    const known = new Set(reliability.filter((r) => r.role === role).map((r) => r.event));
    const missing = (Object.keys(NAMES) as Rate['event'][]).filter((event) => !known.has(event));
    return missing.length === 0
      ? []
      : [
          `No run of the ${role} counted ${missing.map((event) => NAMES[event]).join(', ')}: nothing is known of them.`,
        ];
  });
}

/** Of a side with several workloads, all of them together say the most. */
const isWhole = (r: Rate, all: readonly Rate[]): boolean =>
  r.workload === 'all' ||
  !all.some((o) => o.workload === 'all' && o.role === r.role && o.sku === r.sku && o.event === r.event);

/** What failed, in sentences. */
export function reliabilityTexts(decision: Decision): string[] {
  const { reliability } = decision;
  const own = reliability.filter((r) => isWhole(r, reliability));
  const text = (r: Rate): string =>
    `${NAMES[r.event]}, ${r.role} ${r.sku}: ${seenText(r)}; rate per ${count(PER_CHIP_HOURS)} chip-hours ${boundText(r)}.`;
  return [...own.map(text), ...uncountedTexts(decision)];
}

/** What failed on either side, with honest zeros; null where nothing is compared. */
export function decisionReliability(decision: Decision): Html | null {
  const { reliability } = decision;
  const missing = uncountedTexts(decision);
  if (reliability.length === 0 && missing.length === 0) return null;
  const table =
    reliability.length === 0
      ? null
      : stackedTable(
          reliability,
          [
            { head: 'event', cell: (r) => NAMES[r.event] },
            {
              head: 'side',
              cell: (r) =>
                html`${r.role}<small>${r.sku}, ${r.workload === 'all' ? 'all workloads' : r.workload}</small>`,
            },
            { head: 'seen', cell: seenText, isNumber: true },
            { head: `rate per ${count(PER_CHIP_HOURS)} chip-hours`, cell: boundText, isNumber: true },
            { head: 'counted by', cell: uncountedText },
          ],
          'Events against exposure. Where none was seen, the bound says how rare they have been shown to be.',
        );
  return html`<h2>Reliability</h2>${table}${missing.map((text) => html`<p>${text}</p>`)}<p class="small">Exact Poisson intervals (Garwood) for one look; none seen: one-sided bound. Gates that look every night read a wider sequence, in the table of gates.</p>`;
}
