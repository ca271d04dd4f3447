import type { Evaluation, RunSensor } from '../efficiency/evaluation.ts';
import { joules, percent, seconds } from './format.ts';
import { type Html, html } from './html.ts';
import { bullets } from './markdown.ts';

const signed = (ratio: number): string => `${ratio > 0 ? '+' : ''}${Number((ratio * 100).toFixed(2))} %`;

function bias(sensor: RunSensor, energy: string, isOpen: boolean): string {
  if (sensor.energyBiasRatio === null) return 'its error against an external meter has not been published';
  const without = isOpen ? '' : `: ${energy} as read would be ${joules(sensor.unbiasedEnergyJ)} without it`;
  return `published error of its energy against an external meter: ${signed(sensor.energyBiasRatio)}${without}`;
}

/** What was published of the sensor behind the run's energy, in sentences without an end. */
function statements(e: Evaluation & { readonly sensor: RunSensor }): string[] {
  const { sensor } = e;
  const isOpen = e.evidence === 'D';
  const energyJ = e.energy.clippedTrapezoidJ;
  const { accuracyRatio: accuracy, sampledRatio, refreshPeriodS } = sensor;
  const range =
    accuracy === null || energyJ === null || isOpen
      ? ''
      : `: ${joules(energyJ * (1 - accuracy))} to ${joules(energyJ * (1 + accuracy))}`;
  return [
    bias(sensor, joules(energyJ), isOpen),
    ...(accuracy === null ? [] : [`accuracy that its maker states: ±${percent(accuracy)}${range}`]),
    ...(sampledRatio === null ? [] : [`it covers about ${percent(sampledRatio)} of the time`]),
    ...(refreshPeriodS === null ? [] : [`it is refreshed about every ${seconds(refreshPeriodS)}`]),
    ...(sensor.averaging === null ? [] : [sensor.averaging]),
  ];
}

const INTRODUCTION =
  'read the power. The energies of this report are as read: nothing below was taken off them.';

const hasSensor = (e: Evaluation): e is Evaluation & { sensor: RunSensor } => e.sensor !== undefined;

export function sensorSection(e: Evaluation): Html | null {
  if (!hasSensor(e)) return null;
  return html`<h2>Sensor</h2><p>The ${e.sensor.name} ${INTRODUCTION}</p><ul>${statements(e).map((s) => html`<li>${s}</li>`)}</ul><p class="small">Sources: ${e.sensor.sources.join('; ')}</p>`;
}

export function sensorMarkdown(e: Evaluation): string {
  if (!hasSensor(e)) return '';
  const sources = `Sources: ${e.sensor.sources.join('; ')}`;
  return `\n## Sensor\n\nThe ${e.sensor.name} ${INTRODUCTION}\n\n${bullets([...statements(e), sources])}\n`;
}
