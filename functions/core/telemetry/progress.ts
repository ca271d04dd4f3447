/**
 * One line of work done, from a training log. Numbers that the log does not give are null; nothing is derived.
 * `fact` rows carry what the log says of the run itself (`key` and `text`/`value`): benchmark, batch size, ...
 */
export interface ProgressRecord {
  readonly kind: 'run-start' | 'run-stop' | 'step' | 'evaluation' | 'fact';
  /** Null where the log has no clock at all. */
  readonly timeMs: number | null;
  /** What `value` is: `loss`, `eval_accuracy`, the name of a fact, ... */
  readonly key: string | null;
  /** Number of the last optimizer step that the line reports. */
  readonly step: number | null;
  /** Total samples since the start of training (a restart goes on from its checkpoint). */
  readonly samples: number | null;
  /** Total tokens since the start of training, padding included. */
  readonly tokens: number | null;
  /** Total tokens that are not padding. */
  readonly realTokens: number | null;
  /** Tokens that are not padding of one step, where the log counts them step by step. */
  readonly stepRealTokens: number | null;
  /** Mean time of one step over the steps that the line reports. */
  readonly stepMs: number | null;
  /** Total steps whose update was skipped (loss scaling, NaN). */
  readonly skippedSteps: number | null;
  /** As the log claims them, kept only to be compared with what is computed here. */
  readonly tokensPerSecondPerChip: number | null;
  readonly tflopsPerChip: number | null;
  readonly mfuRatio: number | null;
  readonly value: number | null;
  readonly text: string | null;
}

/** Key of a fact: the log says that training went on from the checkpoint of this step. */
export const LOADED_CHECKPOINT = 'loaded_checkpoint';
/** Key of a fact: the file holds a sample of the steps, so that their distance says nothing. */
export const SAMPLED_EXPORT = 'sampled_export';
/** Key of run markers that a log has in passing: they count where neither a log nor run.json marks the run. */
export const WEAK_MARKER = 'process_time';

const NOTHING: Omit<ProgressRecord, 'kind'> = {
  timeMs: null,
  key: null,
  step: null,
  samples: null,
  tokens: null,
  realTokens: null,
  stepRealTokens: null,
  stepMs: null,
  skippedSteps: null,
  tokensPerSecondPerChip: null,
  tflopsPerChip: null,
  mfuRatio: null,
  value: null,
  text: null,
};

/** A record with what a log line says; the rest is null. */
export const progressRecord = (
  said: Pick<ProgressRecord, 'kind'> & Partial<ProgressRecord>,
): ProgressRecord => ({ ...NOTHING, ...said });
