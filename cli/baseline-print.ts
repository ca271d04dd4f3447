import type { MeasuredBaseline, PrecisionResult } from '../functions/core/measured/measured-baseline.ts';
import type { Repeated } from '../functions/core/measured/repeatability.ts';
import type { SensorPeriod } from '../functions/core/measured/series.ts';
import { digits, NO_READING } from '../functions/core/report/format.ts';

const percent = (ratio: number | null): string =>
  ratio === null ? NO_READING : `${(100 * ratio).toFixed(2).replace(/^-(0\.00)$/, '$1')} %`;
const tera = (flops: number): string => `${digits(flops / 1e12, 4)} TFLOP/s`;

/** A figure and how alike the repetitions are; `scale` turns SI into what is printed. */
function spread(figure: Repeated | null, unit: string, scale = 1): string {
  if (!figure) return NO_READING;
  const cv = figure.cvRatio === null ? '' : `, CV ${percent(figure.cvRatio)}`;
  return `${digits(figure.mean * scale, 4)} ${unit} (n = ${figure.n}${cv})`;
}

/** Text of a measured baseline, a line each. */
export function baselineLines(b: MeasuredBaseline): string[] {
  const { board, model, software } = b;
  return [
    `${b.name}${b.simulated ? ' (SIMULATED: no figure of a GPU)' : ''}`,
    `  ${board.name}, driver ${board.driver}, ${board.powerLimitW} W limit; PyTorch ${software.torch ?? 'none'}${software.compiled ? ', compiled' : ''}; ${b.capturedFrom}`,
    `  ${model.name}: ${digits(model.parameters / 1e6, 4)} M parameters, batch ${model.batch} x ${model.sequence} tokens`,
    `  idle, the program loaded   ${spread(b.idlePowerW, 'W')}`,
    ...b.precisions.flatMap(precisionLines),
    '',
    '  period of the sensor, as the data show it',
    ...(['average', 'instant', 'counter'] as const).map(
      (kind) =>
        `    ${{ average: 'power.draw.average', instant: 'power.draw.instant', counter: 'energy counter' }[kind].padEnd(20)} ${periodText(b.sensor[kind])}`,
    ),
    ...(b.findings.length > 0 ? [''] : []),
    ...b.findings.map(({ severity, code, message }) => `  ${severity}: ${code}: ${message}`),
  ];
}

function precisionLines(p: PrecisionResult): string[] {
  const row = (name: string, text: string): string => `    ${name.padEnd(24)} ${text}`;
  const formula =
    p.flopsFormula === null
      ? NO_READING
      : `${p.flopsFormula}, ${digits((p.flopsPerToken ?? 0) / 1e9, 4)} GFLOP a token`;
  const attention = p.attentionShare === null ? '' : `, attention ${percent(p.attentionShare)} of it`;
  return [
    '',
    `  ${p.precision}, evidence ${p.evidence}`,
    row('energy per token', `${spread(p.energyPerTokenJ, 'mJ', 1e3)} by readings`),
    row('', `${spread(p.energyPerTokenByCounterJ, 'mJ', 1e3)} by the counter`),
    row(
      'counter / readings - 1',
      p.counterDifferenceRatio ? percent(p.counterDifferenceRatio.mean) : NO_READING,
    ),
    row('mean power', spread(p.meanPowerW, 'W')),
    row('speed', `${spread(p.tokensPerSecond, 'tokens/s')}; step ${spread(p.stepTimeS, 'ms', 1e3)}`),
    row('achieved', `${spread(p.tflops, 'TFLOP/s')} by ${formula}${attention}`),
    row(
      'matrix products reach',
      p.ceiling
        ? `${tera(p.ceiling.bestFlops)} at best, ${tera(p.ceiling.meanFlops)} on average`
        : NO_READING,
    ),
    row('share of that', spread(p.ofCeilingRatio, '%', 100)),
    row(
      'MFU',
      p.peakFlops === null
        ? 'none: no dense peak is known'
        : `${spread(p.mfuRatio, '%', 100)} of ${tera(p.peakFlops)}; products alone ${percent(p.ceiling && p.ceiling.bestFlops / p.peakFlops)}`,
    ),
  ];
}

function periodText({ polledS, changesS, isPollLimited }: SensorPeriod): string {
  if (polledS === null) return NO_READING;
  const ms = (s: number): string => `${digits(s * 1000, 3)} ms`;
  if (changesS === null) return `never changes, polled every ${ms(polledS)}`;
  return `${isPollLimited ? 'at most ' : ''}${ms(changesS)}, polled every ${ms(polledS)}`;
}
