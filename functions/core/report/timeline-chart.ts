import type { Evaluation } from '../efficiency/evaluation.ts';
import { watts } from './format.ts';
import { type Html, html } from './html.ts';
import { lanesChart } from './lanes-chart.ts';
import { inRunValues, powerLane } from './timeline-lanes.ts';

/** Power of the whole system over one run, with run start and stop. */
export function timelineChart(evaluation: Evaluation, label: string, colour: string): Html {
  const { timeline } = evaluation;
  const lane = timeline && powerLane(evaluation, timeline, colour);
  if (!timeline || !lane) return html`<p>${label}: no power reading to draw.</p>`;
  const values = inRunValues(evaluation, timeline, timeline.powerW);
  const holes = values.filter((v) => v === null).length;
  const read = values.filter((v) => v !== null);
  const range =
    read.length === 0
      ? 'no power reading in the run'
      : `power between ${watts(Math.min(...read))} and ${watts(Math.max(...read))} in the run`;
  const finding = `${label}, run ${evaluation.run}: ${range}${holes > 0 ? `, ${holes} of ${values.length} steps not read` : ''}.`;
  const hatched = holes > 0 ? ' Hatched: not read; the energy there is bridged.' : '';
  return lanesChart(
    { run: evaluation, timeline, lanes: [lane], shades: [], flags: [], ticks: [] },
    finding,
    html`<strong>${finding}</strong> Shaded: between run start and run stop.${hatched}`,
  );
}
