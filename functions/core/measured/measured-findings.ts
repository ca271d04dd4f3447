import type { Finding } from '../efficiency/evaluation.ts';
import type { MeasuredBaseline, PrecisionResult } from './measured-baseline.ts';

/** Repetitions that spread wider than this are no baseline for differences of a few percent. */
const REPEATABLE_CV_RATIO = 0.03;
const REPETITIONS = 3;
/** Idle before and after that differ by more: the board was not cool, or something else used it. */
const IDLE_DRIFT_RATIO = 0.1;
const CAPPED_RATIO = 0.01;

const percent = (ratio: number): string => `${(100 * ratio).toFixed(1)} %`;
const changed = (ratio: number): string => `${percent(Math.abs(ratio))} ${ratio < 0 ? 'less' : 'more'}`;
const tera = (flops: number): string => `${(flops / 1e12).toFixed(1)} TFLOP/s`;

/** What a reader of a measured baseline must know of it. */
export function measuredFindings({
  simulated,
  board,
  idlePowerW,
  precisions,
}: Pick<MeasuredBaseline, 'simulated' | 'board' | 'idlePowerW' | 'precisions'>): Finding[] {
  const findings: Finding[] = [];
  if (simulated)
    findings.push({
      code: 'simulated',
      severity: 'warning',
      message: 'a simulated board: no figure here is of a GPU',
    });
  if (board.powerLimitW !== board.defaultPowerLimitW)
    findings.push({
      code: 'power-limit-changed',
      severity: 'warning',
      message: `the power limit is ${board.powerLimitW} W; expected the default of ${board.defaultPowerLimitW} W`,
    });
  if (idlePowerW && idlePowerW.max / idlePowerW.min - 1 > IDLE_DRIFT_RATIO)
    findings.push({
      code: 'idle-drifts',
      severity: 'warning',
      message: `idle power is ${idlePowerW.min.toFixed(1)} to ${idlePowerW.max.toFixed(1)} W; expected within ${percent(IDLE_DRIFT_RATIO)}`,
    });
  return [...findings, ...precisions.flatMap((p) => [...speedFindings(p), ...runFindings(p)])];
}

function speedFindings(p: PrecisionResult): Finding[] {
  const { precision: about, ceiling, ofCeilingRatio, peakFlops } = p;
  const findings: Finding[] = [];
  if (!ceiling)
    findings.push({
      ...{ code: 'no-ceiling', severity: 'warning', about },
      message: `${about}: no matrix product was timed; expected one, to judge the MFU by`,
    });
  if (ceiling && peakFlops !== null && ceiling.bestFlops > peakFlops)
    findings.push({
      ...{ code: 'ceiling-above-peak', severity: 'error', about },
      message: `${about}: products reach ${tera(ceiling.bestFlops)}, above the dense peak of ${tera(peakFlops)}: the peak or the timing is wrong`,
      values: { ceilingFlops: ceiling.bestFlops, peakFlops },
    });
  if (ceiling && ofCeilingRatio && ofCeilingRatio.max >= 1)
    findings.push({
      ...{ code: 'above-ceiling', severity: 'error', about },
      message: `${about}: training reaches ${percent(ofCeilingRatio.max)} of what matrix products alone reach (${tera(ceiling.bestFlops)}); expected less: FLOPs, tokens or time are wrong`,
      values: { ofCeilingRatio: ofCeilingRatio.max, ceilingFlops: ceiling.bestFlops },
    });
  if (p.peakFlops === null)
    findings.push({
      ...{ code: 'no-peak', severity: 'info', about },
      message: `${about}: no dense peak is known of the board, so there is no MFU; the share of the measured ceiling stands in`,
    });
  return findings;
}

function runFindings(p: PrecisionResult): Finding[] {
  const about = p.precision;
  const findings: Finding[] = [];
  if (p.runs.length < REPETITIONS)
    findings.push({
      ...{ code: 'few-repetitions', severity: 'warning', about },
      message: `${about}: ${p.runs.length} repetitions; expected at least ${REPETITIONS}`,
    });
  const cv = p.energyPerTokenJ?.cvRatio ?? 0;
  if (cv > REPEATABLE_CV_RATIO)
    findings.push({
      ...{ code: 'not-repeatable', severity: 'warning', about },
      message: `${about}: energy per token varies by ${percent(cv)} over the repetitions; expected at most ${percent(REPEATABLE_CV_RATIO)}`,
      values: { cvRatio: cv },
    });
  for (const { run, energy, rejectedRows, powerCappedRatio } of p.runs) {
    if (energy.reasons.length > 0)
      findings.push({
        ...{ code: 'counter-differs', severity: 'warning', about: run },
        message: `${run}: the counter gives ${changed(energy.differenceRatio ?? 0)} than the readings: ${energy.reasons.join('; ')}`,
        values: { differenceRatio: energy.differenceRatio ?? 0 },
      });
    if (energy.differenceRatio === null)
      findings.push({
        ...{ code: 'one-way-only', severity: 'warning', about: run },
        message: `${run}: ${energy.counterJ === null ? 'no energy by the counter' : 'no energy by readings'}; expected both`,
      });
    if (rejectedRows > 0)
      findings.push({
        ...{ code: 'rows-rejected', severity: 'error', about: run },
        message: `${run}: ${rejectedRows} rows could not be read; expected none of a file that was written here`,
      });
    if ((powerCappedRatio ?? 0) > CAPPED_RATIO)
      findings.push({
        ...{ code: 'power-capped', severity: 'info', about: run },
        message: `${run}: the board was held at its power limit for ${percent(powerCappedRatio ?? 0)} of the time: speed and power are those of the limit`,
      });
  }
  return findings;
}
