import type { Mean, SetScore } from '../decision/decision.ts';
import { digits, joules, minutes, NO_READING } from './format.ts';
import { type Html, html } from './html.ts';
import { fittingTable } from './stacked-table.ts';

function meanText(mean: Mean | null, text: (value: number) => string, hasInterval: boolean): string {
  if (!mean) return NO_READING;
  if (!hasInterval) return text(mean.mean);
  if (mean.low === null || mean.high === null) return `${text(mean.mean)} (one run: no interval)`;
  return `${text(mean.mean)} (${text(mean.low)} to ${text(mean.high)})`;
}

const isOpen = (set: SetScore): boolean => set.evidence === 'D';
const energyText = (set: SetScore, value: number | null): string =>
  isOpen(set) ? 'not decidable' : joules(value);

interface Line {
  readonly name: string;
  readonly published: string;
  readonly corrected: string;
  readonly mean: string;
}

function lines(set: SetScore, hasInterval: boolean): Line[] {
  const { corrected, means } = set;
  const of = (
    name: string,
    pick: (s: Pick<SetScore, 'energy' | 'nodes' | 'switches' | 'timeToTrainMin'>) => string,
    mean: string,
  ): Line => ({
    name,
    published: pick(set),
    corrected: corrected ? pick(corrected) : '—',
    mean,
  });
  return [
    of(
      'time to train',
      (s) => minutes(s.timeToTrainMin),
      meanText(means.timeToTrainMin, minutes, hasInterval),
    ),
    of(
      'energy, clipped: system',
      (s) => energyText(set, s.energy.clippedTrapezoidJ),
      isOpen(set) ? 'not decidable' : meanText(means.clippedTrapezoidJ, joules, hasInterval),
    ),
    of('of it: nodes', (s) => energyText(set, s.nodes.clippedTrapezoidJ), '—'),
    of(
      'of it: switches',
      (s) => (s.switches.clippedTrapezoidJ === null ? 'none' : energyText(set, s.switches.clippedTrapezoidJ)),
      '—',
    ),
    of(
      'energy, MLPerf v4.0 rule: system',
      (s) => joules(s.energy.mlperfTrainingV40J),
      meanText(means.mlperfTrainingV40J, joules, hasInterval),
    ),
    of('of it: nodes', (s) => joules(s.nodes.mlperfTrainingV40J), '—'),
    of(
      'of it: switches',
      (s) => (s.switches.mlperfTrainingV40J === null ? 'none' : joules(s.switches.mlperfTrainingV40J)),
      '—',
    ),
    of(
      'energy per sample',
      () => '—',
      isOpen(set) ? 'not decidable' : meanText(means.energyPerSampleJ, joules, hasInterval),
    ),
  ];
}

/**
 * One set: scored as published, corrected where findings change it, and the plain mean; with its interval only where
 * the runs are independent, which those of the same chips night after night are not.
 */
export function setSection(set: SetScore, hasInterval: boolean): Html {
  const { system } = set;
  const chips =
    system.chipsPerNode === null
      ? 'number of chips not known'
      : `${system.nodes * system.chipsPerNode} chips on ${system.nodes} node${system.nodes === 1 ? '' : 's'}`;
  return html`<h3>${set.role}: ${set.sku}, ${set.workload.name}</h3><p>${system.name}, ${chips}; ${set.runs.length} runs at ${set.boundary ?? 'no single boundary'}${set.boundaryBasis === 'assumed' ? ' (assumed)' : ''}, evidence ${set.evidence}. ${set.scoring === 'olympic' ? `Scored as MLPerf does: ${set.droppedEachEnd} dropped at each end, times ${digits(set.scalingFactor, 6)}.` : 'Scored as a plain mean.'} ${set.corrected ? `Corrected: ${set.corrected.reason}.` : ''}</p>${fittingTable(
    lines(set, hasInterval),
    [
      { head: 'figure', cell: (l) => l.name },
      { head: 'as published', cell: (l) => l.published, isNumber: true },
      ...(set.corrected ? [{ head: 'corrected', cell: (l: Line) => l.corrected, isNumber: true }] : []),
      {
        head: hasInterval ? 'mean of runs (95 % interval)' : 'mean of runs',
        cell: (l) => l.mean,
        isNumber: true,
      },
    ],
    `Scores of ${set.id}; the mean is unscaled, over all distinct successful runs`,
  )}`;
}
