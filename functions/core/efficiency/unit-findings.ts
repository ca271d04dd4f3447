import type { RunManifest } from '../telemetry/manifest.ts';
import type { Finding, ProgressEvaluation, UnitEvaluation } from './evaluation.ts';
import type { UnitScope } from './unit-energy.ts';
import { countedUnits, type RunWork } from './unit-work.ts';

/** The chips' own counts and the run's total may differ by this much: the ends of a run are cut differently. */
const COUNTS_DIFFER = 0.05;
const SHOWN = 3;

const some = (ids: readonly string[]): string =>
  ids.length > SHOWN ? `${ids.length} (${ids.slice(0, SHOWN).join(', ')}, …)` : ids.join(', ');

const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)} %`;

export interface UnitsJudged {
  readonly manifest: Pick<RunManifest, 'chips' | 'workUnit'>;
  readonly scopes: readonly UnitScope[];
  readonly units: readonly UnitEvaluation[];
  readonly work: RunWork;
  readonly progress: ProgressEvaluation | null;
  readonly startMs: number;
  readonly stopMs: number;
}

/** Work counters that miss too much of the run: these chips get a share, as if all had done the same. */
function refusedCounters(input: UnitsJudged): Finding[] {
  const ids = input.scopes
    .filter((s) => countedUnits(s.input, input) === 'refused')
    .map((s) => s.facts.scope.id)
    .sort();
  if (ids.length === 0) return [];
  return [
    {
      code: 'work-counter-refused',
      severity: 'warning',
      message: `the work counter of ${some(ids)} is broken or misses an end of the run; an equal share of the run's work stands in`,
      values: { scopes: ids },
    },
  ];
}

/** Counts of the chips against the logs' total of all that was done: a chip that counts for its whole group shows here. */
function countedAgainstRun({ units, work, progress, manifest }: UnitsJudged): Finding[] {
  const chips = units.filter((u) => u.kind === 'chip');
  if (chips.length === 0 || chips.length !== work.chips || chips.some((u) => u.work.basis !== 'counter'))
    return [];
  const key = manifest.workUnit === 'token' ? 'tokens' : 'samples';
  const whole = progress ? progress.processed[key] : work[key];
  const sum = chips.reduce((total, u) => total + (u.work[key] ?? 0), 0);
  if (!whole || Math.abs(sum / whole - 1) <= COUNTS_DIFFER) return [];
  return [
    {
      code: 'work-counters-differ',
      severity: 'warning',
      message:
        `the chips' own counters come to ${percent(sum / whole)} of the ${key} of the run; ` +
        'expected about 100 %, with each chip counting its own part of the work',
      values: { ratio: sum / whole },
    },
  ];
}

/** Chips that only one of run.json and the telemetry knows. */
function unmatched({ manifest, units }: UnitsJudged): Finding[] {
  const listed = new Set((manifest.chips ?? []).map((c) => c.id));
  const read = new Set(units.filter((u) => u.kind === 'chip').map((u) => u.id));
  if (listed.size === 0 || read.size === 0) return [];
  const notRead = [...listed].filter((id) => !read.has(id)).sort();
  const notListed = [...read].filter((id) => !listed.has(id)).sort();
  if (notRead.length + notListed.length === 0) return [];
  const parts = [
    ...(notRead.length > 0 ? [`listed but not read: ${some(notRead)}`] : []),
    ...(notListed.length > 0 ? [`read but not listed: ${some(notListed)}`] : []),
  ];
  return [
    {
      code: 'chips-unmatched',
      severity: 'warning',
      message: `chips of run.json and of the telemetry differ; ${parts.join('; ')}. Lot, bin and node of these are unknown`,
      values: { notRead, notListed },
    },
  ];
}

/** What a reader must know of how the work of the units was told apart. */
export const unitFindings = (input: UnitsJudged): Finding[] => [
  ...refusedCounters(input),
  ...countedAgainstRun(input),
  ...unmatched(input),
];
