import type { Evaluation } from '../efficiency/evaluation.ts';
import type { EventRate, Mtbf, Reliability } from '../efficiency/run-figures.ts';
import { digits, NO_READING } from './format.ts';
import { type Html, html } from './html.ts';
import { bullets } from './markdown.ts';

/** Whole numbers with a comma every three digits. */
const grouped = (value: number): string =>
  value >= 1_000 ? String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',') : digits(value, 3);
const rate = (value: number): string => (value === 0 ? '0' : value.toExponential(1));
const hours = (value: number): string => `${grouped(value)} h`;

/** Events against exposure. None is not "never": the bound says how rare it has been shown to be. */
function rateText(name: string, events: EventRate | null, unread: string): string {
  if (!events) return `${name}: ${unread}`;
  const { count, exposureChipHours: exposure, ratePerChipHour, low, high, atMost, confidence } = events;
  const seen = `${name}: ${count} in ${grouped(exposure)} chip-h`;
  const percent = `${Math.round(confidence * 100)} %`;
  if (count === 0) return `${seen}: at most ${rate(atMost)}/h (${percent})`;
  return `${seen}: ${rate(ratePerChipHour)}/h, ${percent} interval ${rate(low)} to ${rate(high)}/h`;
}

function interruptionText({ interruptions, mtbfHours }: Reliability, runHours: number): string {
  if (interruptions === null || !mtbfHours) return `Interruptions: ${NO_READING}, no log would show them`;
  const seen = `Interruptions: ${interruptions} in ${hours(runHours)} of the run`;
  return `${seen}: ${mtbfText(mtbfHours)}`;
}

function mtbfText({ value, low, high, atLeast, confidence }: Mtbf): string {
  const percent = `${Math.round(confidence * 100)} %`;
  if (value === null || high === null) return `at least ${hours(atLeast)} between two (${percent})`;
  return `${hours(value)} between two, ${percent} interval ${hours(low)} to ${hours(high)}`;
}

function statements(r: Reliability, runHours: number): string[] {
  return [
    ...(r.chipHours === null ? [] : [`Exposure: ${grouped(r.chipHours)} chip-h`]),
    interruptionText(r, runHours),
    rateText('Uncorrected memory errors', r.eccUncorrected, NO_READING),
    rateText('Faults', r.faults, NO_READING),
    rateText('Silent data corruption', r.sdc, 'not looked for, as far as run.json says'),
  ];
}

const INTRODUCTION =
  'Rates with exact Poisson intervals. None seen is no proof of none: the bound says what the exposure has shown.';

export function reliabilitySection({ reliability, timeToTrainS }: Evaluation): Html | null {
  if (!reliability) return null;
  const lines = statements(reliability, timeToTrainS / 3_600);
  return html`<h2>Reliability</h2><p>${INTRODUCTION}</p><ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`;
}

export function reliabilityMarkdown({ reliability, timeToTrainS }: Evaluation): string {
  if (!reliability) return '';
  return `\n## Reliability\n\n${INTRODUCTION}\n\n${bullets(statements(reliability, timeToTrainS / 3_600))}\n`;
}
