import type { RunManifest } from '../telemetry/manifest.ts';
import { counterEnergy } from './counter-energy.ts';
import type { ScopeInput } from './evaluate-scope.ts';
import type { ProgressEvaluation, UnitWork } from './evaluation.ts';
import type { Work } from './work.ts';

/** Work of the whole run, and what turns the count of one chip into useful work. */
export interface RunWork {
  readonly tokens: number | null;
  /** Kept, and without padding where the logs tell it apart. */
  readonly usefulTokens: number | null;
  readonly samples: number | null;
  /** Useful work over all work that was done; null where work was lost and nothing says how much. */
  readonly usefulShare: number | null;
  readonly tokensPerSample: number | null;
  readonly chips: number | null;
}

const ratio = (part: number | null | undefined, whole: number | null | undefined): number | null =>
  part == null || !whole ? null : part / whole;

/** A counter counts what was lost in a restart, too; the logs say what share that is, in tokens, samples or steps. */
function usefulShareOf(usefulTokens: number | null, progress: ProgressEvaluation | null): number | null {
  if (!progress) return 1;
  const { useful, processed, restarts } = progress;
  const share =
    ratio(usefulTokens, processed.tokens) ??
    ratio(useful.samples, processed.samples) ??
    ratio(useful.steps, processed.steps);
  return share ?? (restarts === 0 ? 1 : null);
}

export function runWorkOf(
  manifest: Pick<RunManifest, 'tokensPerSample'>,
  work: Pick<Work, 'tokens' | 'samples'>,
  realTokens: number | null,
  progress: ProgressEvaluation | null,
  chips: number | null,
): RunWork {
  const usefulTokens = realTokens ?? work.tokens;
  return {
    tokens: work.tokens,
    usefulTokens,
    samples: work.samples,
    usefulShare: usefulShareOf(usefulTokens, progress),
    tokensPerSample: manifest.tokensPerSample ?? ratio(work.tokens, work.samples),
    chips,
  };
}

export const NO_WORK: UnitWork = {
  tokens: null,
  usefulTokens: null,
  samples: null,
  basis: 'none',
  sharedBy: null,
};

const times = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? null : a * b;
const over = (a: number | null, b: number | null): number | null => (a === null || !b ? null : a / b);

/**
 * Work of a scope by its own counter, in the manifest's work unit, with resets repaired as those of an energy
 * counter are; null where it has none, `refused` where it has one that misses too much of the run. A counter that
 * stands still counts: this chip did nothing.
 */
export function countedUnits(
  { folded }: Pick<ScopeInput, 'folded'>,
  { startMs, stopMs }: { startMs: number; stopMs: number },
): number | 'refused' | null {
  const track = folded.segment.counters.work_total;
  const counted = counterEnergy({ track, conversionEfficiency: 1, powerEnergyJ: 0, startMs, stopMs });
  return counted === null ? null : (counted.energyJ ?? 'refused');
}

/** Tokens, useful tokens and samples of a count in the manifest's work unit. */
export function countedWork(amount: number, unit: RunManifest['workUnit'], run: RunWork): UnitWork {
  const tokens = unit === 'token' ? amount : times(amount, run.tokensPerSample);
  const samples = unit === 'sample' ? amount : over(amount, run.tokensPerSample);
  return { tokens, usefulTokens: times(tokens, run.usefulShare), samples, basis: 'counter', sharedBy: null };
}

/** A share of the run's work: so many of so many equal parts. Nothing where the run or the parts are not known. */
export function sharedWork(run: RunWork, parts: number | null, of: number | null): UnitWork {
  if (parts === null || !of || (run.tokens ?? run.usefulTokens ?? run.samples) === null) return NO_WORK;
  const share = parts / of;
  return {
    tokens: times(run.tokens, share),
    usefulTokens: times(run.usefulTokens, share),
    samples: times(run.samples, share),
    basis: 'equal share',
    sharedBy: of,
  };
}

/** The work of parts together, where each of them was counted. */
export function sumWork(works: readonly UnitWork[]): UnitWork | null {
  if (works.length === 0 || works.some((w) => w.basis !== 'counter')) return null;
  const sum = (pick: (work: UnitWork) => number | null): number | null =>
    works.reduce<number | null>((total, work) => {
      const value = pick(work);
      return total === null || value === null ? null : total + value;
    }, 0);
  return {
    tokens: sum((w) => w.tokens),
    usefulTokens: sum((w) => w.usefulTokens),
    samples: sum((w) => w.samples),
    basis: 'counter',
    sharedBy: null,
  };
}
