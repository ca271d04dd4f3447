import type { Evaluation, Finding } from '../efficiency/evaluation.ts';
import type { Timeline } from '../efficiency/run-timeline.ts';
import { digits, listText, percent, watts } from './format.ts';
import { heatMapFigure } from './heat-map.ts';
import { type Html, html } from './html.ts';
import { stretchesOf } from './lane.ts';
import { type Flag, lanesChart, type Shade } from './lanes-chart.ts';
import { escapeMarkdown } from './markdown.ts';
import { sinceStart } from './time-axis.ts';
import { inRunValues, lanesOf, throttledSeries } from './timeline-lanes.ts';

type Drawn = Evaluation & { readonly timeline: Timeline };

/** Scopes that are held back for more of a step than this shade it, ... */
const THROTTLED_RATIO = 0.05;
/** ... and for more than so many times what they are on average: where all is shaded, nothing is marked. */
const ABOVE_MEAN = 1.5;
/** A rate below this share of the median is a dip worth naming. */
const DIP = 0.9;

const hasTimeline = (e: Evaluation): e is Drawn => e.timeline !== null;

/** Findings that have a place in the run, numbered in order of time. */
const placed = (e: Evaluation): (Finding & { readonly time: NonNullable<Finding['time']> })[] =>
  e.findings
    .flatMap((f) => (f.time ? [{ ...f, time: f.time }] : []))
    .sort((a, b) => a.time.fromMs - b.time.fromMs);

const flagsOf = (e: Evaluation): Flag[] =>
  placed(e).map(({ time }, i) => ({ atMs: (time.fromMs + time.toMs) / 2, label: String(i + 1) }));

/** Share of a step that scopes must be held back for more than, to shade it. */
function throttledLimit(e: Drawn): number {
  const known = inRunValues(e, e.timeline, throttledSeries(e.timeline) ?? []).filter((v) => v !== null);
  const mean = known.length === 0 ? 0 : known.reduce((sum, v) => sum + v, 0) / known.length;
  return Math.max(THROTTLED_RATIO, ABOVE_MEAN * mean);
}

/** Steps in which scopes were held back, and what restarts lost, as stretches of time. */
function shadesOf(e: Drawn): Shade[] {
  const { timeline } = e;
  const { startMs, stepMs, marks } = timeline;
  const limit = throttledLimit(e);
  const throttled = stretchesOf(throttledSeries(timeline) ?? [], (v) => (v ?? 0) > limit);
  return [
    ...throttled.map(
      ([a, b]): Shade => ({
        kind: 'throttled',
        fromMs: startMs + a * stepMs,
        toMs: startMs + (b + 1) * stepMs,
      }),
    ),
    ...marks
      .filter((m) => m.kind === 'restart')
      .map((m): Shade => ({ kind: 'lost', fromMs: m.fromMs, toMs: m.atMs })),
  ];
}

interface Extreme {
  readonly value: number;
  readonly atMs: number;
}

/** Lowest or highest step of a series within the run, and when. */
function extreme(e: Drawn, series: readonly (number | null)[], sign: 1 | -1): Extreme | null {
  const { startMs, stepMs } = e.timeline;
  let found: Extreme | null = null;
  for (const [i, value] of series.entries()) {
    const atMs = startMs + (i + 0.5) * stepMs;
    if (value === null || atMs < e.startMs || atMs > e.stopMs) continue;
    if (found === null || sign * value > sign * found.value) found = { value, atMs };
  }
  return found;
}

function powerText(e: Drawn): string {
  const { powerW } = e.timeline;
  const [low, high] = [extreme(e, powerW, -1), extreme(e, powerW, 1)];
  if (!low || !high) return 'The power of the system was not read in the run';
  const holes = stretchesOf(inRunValues(e, e.timeline, powerW), (v) => v === null);
  const steps = holes.reduce((n, [a, b]) => n + b - a + 1, 0);
  const unread =
    holes.length === 0
      ? 'read throughout'
      : `with ${holes.length} ${holes.length === 1 ? 'hole' : 'holes'} of ${sinceStart(steps * e.timeline.stepMs + e.startMs, e)} in all`;
  const range =
    watts(low.value) === watts(high.value)
      ? `was ${watts(low.value)}`
      : `lay between ${watts(low.value)} and ${watts(high.value)}`;
  return `Power ${range}, ${unread}`;
}

function workText(e: Drawn): string[] {
  const { work } = e.timeline;
  const known = inRunValues(e, e.timeline, work?.perSecond ?? []).filter((v) => v !== null);
  const median = known.sort((a, b) => a - b)[known.length >> 1];
  // The first and the last step hold the start and the end of the work.
  const low =
    work &&
    extreme(
      e,
      work.perSecond.map((v, i, all) => (isEnd(all, i) ? null : v)),
      -1,
    );
  if (!work || !median || !low) return [];
  const unit = work.unit === 'token' ? 'useful tokens/s' : 'samples/s';
  if (low.value >= median * DIP)
    return [`${unit} stayed within ${percent(1 - low.value / median)} below the median`];
  return [
    `${unit} fell to ${digits(low.value, 3)} at ${sinceStart(low.atMs, e)} (median ${digits(median, 3)})`,
  ];
}

const isEnd = (series: readonly (number | null)[], i: number): boolean =>
  (series[i - 1] ?? null) === null || (series[i + 1] ?? null) === null;

function throttleText(e: Drawn): string[] {
  const series = throttledSeries(e.timeline);
  const peak = series && extreme(e, series, 1);
  if (!peak) return [];
  if (peak.value === 0) return ['nothing was held back'];
  return [`held back most at ${sinceStart(peak.atMs, e)}, for ${percent(peak.value)} of the time`];
}

function heatText(e: Drawn): string[] {
  const { scopes } = e.timeline;
  const hottest = scopes?.temperatureC && extreme(e, scopes.temperatureC.high, 1);
  return hottest ? [`hottest at ${sinceStart(hottest.atMs, e)}, ${digits(hottest.value, 3)} °C`] : [];
}

/** What the lanes show, in a sentence. */
export function timelineFinding(e: Evaluation): string {
  if (!hasTimeline(e)) return 'Nothing was read over time.';
  const restarts = e.timeline.marks.filter((m) => m.kind === 'restart');
  const restarted =
    restarts.length === 0
      ? []
      : [
          `started anew at ${listText(restarts.slice(0, 3).map((m) => sinceStart(m.atMs, e)))}${restarts.length > 3 ? ' and later' : ''}`,
        ];
  return `${[powerText(e), ...workText(e), ...heatText(e), ...throttleText(e), ...restarted].join('; ')}.`;
}

/** What the drawing's marks mean; of those that it has. */
function legend(e: Drawn, shades: readonly Shade[]): string {
  const { scopes, marks, powerW } = e.timeline;
  const count = scopes?.count ?? 1;
  const spread = scopes?.lowQuantile === 0 ? 'lowest to highest' : 'P5 to P95';
  const kinds = new Set(shades.map((s) => s.kind));
  const has = {
    hole: inRunValues(e, e.timeline, powerW).includes(null),
    evaluated: marks.some((m) => m.kind === 'evaluation'),
  };
  return [
    'One time axis, counted from run start; grey ground: between run start and stop.',
    ...(count > 1 ? [`Line: mean over ${count} ${scopes?.kind}s; band: ${spread} of them.`] : []),
    ...(has.hole ? ['Hatched: not read, energy there is bridged.'] : []),
    ...(kinds.has('throttled')
      ? [`Amber: held back for more than ${percent(throttledLimit(e))} of a step.`]
      : []),
    ...(kinds.has('lost') ? ['Red: work lost in a restart, or time of the restart.'] : []),
    ...(has.evaluated ? ['Ticks at the foot: evaluations of the model.'] : []),
  ].join(' ');
}

function restartsText(e: Drawn): string {
  const restarts = e.timeline.marks.filter((m) => m.kind === 'restart' && m.fromStep !== null);
  const each = restarts.slice(0, 6).map((m) => `${sinceStart(m.atMs, e)} from step ${m.fromStep}`);
  return each.length === 0 ? '' : ` Training went on: ${listText(each)}.`;
}

/** Everything that was read over time, on one axis; null where nothing was. */
export function timelineSection(e: Evaluation): Html | null {
  if (!hasTimeline(e)) return null;
  const lanes = lanesOf(e, e.timeline);
  if (lanes.length === 0) return html`<h2>Over time</h2><p>No power reading to draw.</p>`;
  const shades = shadesOf(e);
  const flags = placed(e);
  const ticks = e.timeline.marks.filter((m) => m.kind === 'evaluation').map((m) => m.atMs);
  const keys = flags.map((f, i) => html` <b>${i + 1}</b> ${f.code} (${sinceStart(f.time.fromMs, e)}).`);
  const finding = timelineFinding(e);
  return html`<h2>Over time</h2>${lanesChart(
    { run: e, timeline: e.timeline, lanes, shades, flags: flagsOf(e), ticks },
    finding,
    html`<strong>${finding}</strong> ${legend(e, shades)}${restartsText(e)}${keys.length === 0 ? null : html` Numbers: findings.${keys}`}`,
  )}${heatMapFigure(e)}`;
}

export function timelineMarkdown(e: Evaluation): string {
  return hasTimeline(e) ? `\n## Over time\n\n${escapeMarkdown(timelineFinding(e))}\n` : '';
}
