import type { Evaluation } from '../efficiency/evaluation.ts';
import { energyText } from './evidence-section.ts';
import { digits, joules, minutes, percent, prefixed, seconds, watts } from './format.ts';

/** One figure of the first screen. */
export interface RunFact {
  readonly figure: string;
  readonly about: string;
}

const NOT_DECIDABLE = 'not decidable';

/** Energy for a unit of work, by the best unit that is known; null where there is none, or the evidence does not carry it. */
export function perWork(e: Evaluation): { figure: string; per: string } | null {
  if (e.evidence === 'D') return null;
  const useful = e.progress?.energyPerUsefulTokenJ ?? null;
  if (useful !== null) return { figure: joules(useful), per: 'useful token' };
  if (e.energyPerTokenJ !== null) return { figure: joules(e.energyPerTokenJ), per: 'token' };
  return e.energyPerSampleJ === null ? null : { figure: joules(e.energyPerSampleJ), per: 'sample' };
}

/** Share of the time that chips were held back, for whatever reason; null where none was read. */
export function heldBack({ health }: Evaluation): number | null {
  const reasons = Object.values(health?.throttledRatio ?? {}).filter((v) => v !== null);
  return reasons.length === 0 ? null : reasons.reduce((sum, v) => sum + v, 0);
}

/** How many chips the system has: as declared, else as read. */
export function chipCount({ system, units }: Evaluation): number | null {
  if (system.chipsPerNode !== null) return system.nodes * system.chipsPerNode;
  const read = units.filter((u) => u.kind === 'chip').length;
  return read > 0 ? read : null;
}

export const lengthText = (s: number): string =>
  s < 180 ? seconds(s) : s < 10_800 ? minutes(s / 60) : `${digits(s / 3_600, 4)} h`;

/** What the run says, in a sentence: what it took, for what, and how the chips fared. */
export function runSentence(e: Evaluation): string {
  const chips = chipCount(e);
  const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
  const nodes = counted(e.system.nodes, 'node');
  const on = chips === null ? nodes : `${counted(chips, 'chip')} on ${nodes}`;
  const { energy } = energyText(e);
  const work = perWork(e);
  const mfu = e.progress?.overRun.mfuRatio ?? null;
  const held = heldBack(e);
  const took =
    e.evidence === 'D'
      ? `ran for ${lengthText(e.timeToTrainS)}; its energy is not decidable on this evidence`
      : `used ${energy} in ${lengthText(e.timeToTrainS)}${work ? `, ${work.figure} a ${work.per}` : ''}`;
  const extra = [
    ...(mfu === null ? [] : [`at an MFU of ${percent(mfu)}`]),
    ...(held === null ? [] : [held === 0 ? 'never held back' : `held back for ${percent(held)} of the time`]),
  ];
  return `The run on ${on} ${took}${extra.length === 0 ? '' : `, ${extra.join(' and ')}`}.`;
}

/** The figures of the first screen. */
export function runFacts(e: Evaluation): RunFact[] {
  const { energy, method } = energyText(e);
  const work = perWork(e);
  const mfu = e.progress?.overRun.mfuRatio ?? null;
  const rate = e.progress?.overRun.tokensPerSecondPerChip ?? null;
  const held = heldBack(e);
  const hottest = e.health?.maxTemperatureC ?? null;
  return [
    { figure: energy, about: `energy of the system between run start and stop, ${method}` },
    ...(work ? [{ figure: work.figure, about: `a ${work.per}` }] : []),
    {
      figure: e.evidence === 'D' ? NOT_DECIDABLE : watts(e.meanPowerW),
      about: `mean power at ${e.boundary ?? 'no single boundary'}`,
    },
    ...(mfu === null
      ? rate === null
        ? []
        : [{ figure: prefixed(rate, '', 4), about: 'useful tokens a second and chip' }]
      : [
          {
            figure: percent(mfu),
            about: `MFU${rate === null ? '' : `, ${prefixed(rate, '', 4)} useful tokens a second and chip`}`,
          },
        ]),
    ...(held === null
      ? []
      : [
          {
            figure: percent(held),
            about: `of the time held back${hottest === null ? '' : `; hottest ${digits(hottest, 3)} °C`}`,
          },
        ]),
    {
      figure: `Grade ${e.evidence}`,
      about: `evidence; coverage ${percent(e.coverageRatio)}, largest gap ${seconds(e.maxGapInRunS)}`,
    },
  ];
}
