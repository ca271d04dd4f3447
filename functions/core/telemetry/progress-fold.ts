import type { ProgressRecord } from './progress.ts';

/** What all training logs of one run say together. */
export interface RunProgress {
  readonly startMs: number | null;
  readonly stopMs: number | null;
  readonly status: string | null;
  readonly samples: number | null;
  readonly tokens: number | null;
  /** Where the work comes from, or why none is known. */
  readonly workBasis: string;
  readonly evaluations: readonly { readonly timeMs: number; readonly value: number }[];
  readonly facts: ReadonlyMap<string, number | string>;
}

/** The largest of some totals; null where there is none. */
function highest(values: readonly (number | null)[]): number | null {
  return values.reduce(
    (high, value) => (value !== null && (high === null || value > high) ? value : high),
    null,
  );
}

/**
 * Samples trained: a log's own total where it keeps one, else epochs times the size of the training set.
 * BERT logs name the samples seen "epoch_num" and give the same number as train_samples.
 */
function samplesTrained(
  records: readonly ProgressRecord[],
  facts: ReadonlyMap<string, number | string>,
): { samples: number | null; basis: string } {
  const counted = highest(records.filter((r) => r.kind !== 'fact').map((r) => r.samples));
  if (counted !== null) return { samples: counted, basis: 'samples counted in the training log' };
  const epochs = highest(
    records.filter((r) => r.kind === 'run-stop' || r.kind === 'evaluation').map((r) => r.step),
  );
  const trainSamples = facts.get('train_samples');
  if (epochs === null || typeof trainSamples !== 'number') {
    return { samples: null, basis: 'no training log counts samples, tokens or epochs' };
  }
  if (epochs === trainSamples) return { samples: epochs, basis: 'train_samples of the training log' };
  return { samples: epochs * trainSamples, basis: 'epochs times train_samples of the training log' };
}

/**
 * Run start and stop as MLPerf's own scoring reads them: the last start and the last stop seen, reading in file
 * order until both are known. What stands behind that (a second rank's lines, say) is not looked at.
 */
function runMarkers(records: readonly ProgressRecord[]): {
  start: ProgressRecord | null;
  stop: ProgressRecord | null;
} {
  let start: ProgressRecord | null = null;
  let stop: ProgressRecord | null = null;
  for (const record of records) {
    if (record.kind === 'run-start') start = record;
    else if (record.kind === 'run-stop') stop = record;
    if (start && stop) break;
  }
  return { start, stop };
}

/**
 * Folds the progress of one run; lines that several ranks repeat change nothing.
 */
export function foldRun(records: Iterable<ProgressRecord>): RunProgress {
  const all = [...records];
  const { start, stop } = runMarkers(all);
  const facts = new Map<string, number | string>();
  for (const { kind, key, value, text } of all) {
    if (kind === 'fact' && key !== null) facts.set(key, value ?? text ?? '');
  }
  const { samples, basis } = samplesTrained(all, facts);
  const evaluations = new Map<string, { timeMs: number; value: number }>();
  for (const { kind, timeMs, value } of all) {
    if (kind === 'evaluation' && value !== null && timeMs !== null)
      evaluations.set(`${timeMs} ${value}`, { timeMs, value });
  }
  const tokens = highest(all.filter((r) => r.kind !== 'fact').map((r) => r.tokens));
  return {
    startMs: start?.timeMs ?? null,
    stopMs: stop?.timeMs ?? null,
    status: stop?.text ?? null,
    samples,
    tokens,
    workBasis: tokens !== null && samples === null ? 'tokens counted in the training log' : basis,
    evaluations: [...evaluations.values()].sort((a, b) => a.timeMs - b.timeMs),
    facts,
  };
}
