import { type ProgressRecord, WEAK_MARKER } from './progress.ts';
import { foldSteps, StepLog } from './step-logs.ts';

/** What all training logs of one run say together. */
export interface RunProgress {
  readonly startMs: number | null;
  readonly stopMs: number | null;
  /** First start and last end of a process, which logs have in passing: no mark of the run itself. */
  readonly processStartMs: number | null;
  readonly processStopMs: number | null;
  readonly status: string | null;
  /** Work that the run ended with; what was lost in a fall back to a checkpoint is not in it. */
  readonly samples: number | null;
  readonly tokens: number | null;
  readonly realTokens: number | null;
  /** Where the work comes from, or why none is known. */
  readonly workBasis: string;
  readonly evaluations: readonly { readonly timeMs: number; readonly value: number }[];
  readonly facts: ReadonlyMap<string, number | string>;
  /** What its steps come to; null where no log reports any. */
  readonly steps: ReturnType<typeof foldSteps>;
}

/** The larger of two totals; null where there is none. */
const larger = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.max(a, b);

interface Marker {
  readonly timeMs: number | null;
  readonly text: string | null;
}

/**
 * Run start and stop as MLPerf's own scoring reads them: the last start and the last stop seen, reading in file
 * order until both are known. What stands behind that (a second rank's lines, say) is not looked at.
 */
class RunMarkers {
  private start: Marker | null = null;
  private stop: Marker | null = null;
  private processStartMs: number | null = null;
  private processStopMs: number | null = null;

  add(record: ProgressRecord): void {
    if (record.key === WEAK_MARKER) this.process(record);
    else if (this.start && this.stop) return;
    else if (record.kind === 'run-start') this.start = record;
    else this.stop = record;
  }

  /** Weights & Biases gives the end and how many seconds the process ran. */
  private process({ kind, timeMs, value }: ProgressRecord): void {
    if (timeMs === null) return;
    const startMs = kind === 'run-start' ? timeMs : value === null ? null : timeMs - value * 1000;
    if (startMs !== null) this.processStartMs = Math.min(startMs, this.processStartMs ?? startMs);
    if (kind === 'run-stop') this.processStopMs = larger(timeMs, this.processStopMs);
  }

  get found(): Pick<RunProgress, 'startMs' | 'stopMs' | 'processStartMs' | 'processStopMs' | 'status'> {
    const { start, stop, processStartMs, processStopMs } = this;
    return {
      startMs: start?.timeMs ?? null,
      stopMs: stop?.timeMs ?? null,
      processStartMs,
      processStopMs,
      status: stop?.text ?? null,
    };
  }
}

/** Folds the progress of one run, record by record; lines that several ranks repeat change nothing. */
export class RunFold {
  private readonly logs: StepLog[] = [];
  private readonly markers = new RunMarkers();
  private readonly facts = new Map<string, number | string>();
  private readonly evaluations = new Map<string, { timeMs: number; value: number }>();
  private samples: number | null = null;
  private tokens: number | null = null;
  /** BERT logs name the samples seen "epoch_num" and give the same number as train_samples. */
  private epochs: number | null = null;

  /** The records that follow are of this log. */
  log(path: string, format: string): void {
    this.logs.push(new StepLog(path, format));
  }

  add(record: ProgressRecord): void {
    if (this.logs.length === 0) this.log('', '');
    this.logs.at(-1)?.add(record);
    const { kind, key, value, text } = record;
    if (kind === 'fact') {
      if (key !== null) this.facts.set(key, value ?? text ?? '');
    } else if (kind !== 'step') this.mark(record);
  }

  private mark(record: ProgressRecord): void {
    const { kind, key, timeMs, value } = record;
    this.samples = larger(this.samples, record.samples);
    this.tokens = larger(this.tokens, record.tokens);
    if (kind !== 'evaluation') this.markers.add(record);
    if (kind === 'run-stop' || key === 'eval_accuracy') this.epochs = larger(this.epochs, record.step);
    if (kind === 'evaluation' && value !== null && timeMs !== null)
      this.evaluations.set(`${timeMs} ${value}`, { timeMs, value });
  }

  result(): RunProgress {
    const steps = foldSteps(this.logs);
    return {
      ...this.markers.found,
      ...this.work(steps),
      evaluations: [...this.evaluations.values()].sort((a, b) => a.timeMs - b.timeMs),
      facts: this.facts,
      steps,
    };
  }

  /**
   * A log's own totals, else epochs times the size of the training set. Where training fell back to a checkpoint, or
   * began before the log does, the highest total is not what the run did: only its steps tell.
   */
  private work(
    steps: RunProgress['steps'],
  ): Pick<RunProgress, 'samples' | 'tokens' | 'realTokens' | 'workBasis'> {
    const { useful } = steps ?? {};
    const isByStepsOnly = steps !== null && (steps.restarts > 0 || steps.stepsBefore > 0);
    const samples = larger(isByStepsOnly ? null : this.samples, useful?.samples ?? null);
    const tokens = larger(isByStepsOnly ? null : this.tokens, useful?.tokens ?? null);
    const realTokens = useful?.realTokens ?? null;
    if (samples !== null)
      return { samples, tokens, realTokens, workBasis: 'samples counted in the training log' };
    if (tokens !== null)
      return { samples, tokens, realTokens, workBasis: 'tokens counted in the training log' };
    return { ...this.epochsTrained(), tokens, realTokens };
  }

  private epochsTrained(): Pick<RunProgress, 'samples' | 'workBasis'> {
    const { epochs } = this;
    const trainSamples = this.facts.get('train_samples');
    if (epochs === null || typeof trainSamples !== 'number')
      return { samples: null, workBasis: 'no training log counts samples, tokens or epochs' };
    return epochs === trainSamples
      ? { samples: epochs, workBasis: 'train_samples of the training log' }
      : { samples: epochs * trainSamples, workBasis: 'epochs times train_samples of the training log' };
  }
}

/** Folds the progress of a run that has one log. */
export function foldRun(records: Iterable<ProgressRecord>): RunProgress {
  const fold = new RunFold();
  for (const record of records) fold.add(record);
  return fold.result();
}
