import { forEachJsonValue, jsonText } from '../json-values.ts';
import { type ProgressRecord, progressRecord } from '../progress.ts';
import type { Format, RecordSink } from './format.ts';
import { numberOf } from './mllog.ts';

type JsonObject = Readonly<Record<string, unknown>>;

const FACTS = ['train_runtime', 'total_flos', 'train_batch_size', 'max_steps', 'num_train_epochs'] as const;
/** Figures of an evaluation that say how good the model is; the rest are its speed. */
const EVALUATED = /^eval_(?:.*_)?(?:loss|accuracy)$/;

const isObject = (value: unknown): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const countOf = (value: unknown): number | null => {
  const number = numberOf(value);
  return number !== null && number >= 0 ? number : null;
};

/** 0 is what a trainer writes that was not asked to count tokens. */
const tokensOf = (value: unknown): number | null => countOf(value) || null;

/**
 * Whether `num_tokens` are a total of the whole run: a process that goes on from a checkpoint may count them anew from
 * nought, and steps behind the last entry would be without theirs.
 */
function isTotal(history: readonly unknown[], lastStep: number | null): boolean {
  const entries = history.filter(isObject).filter((entry) => tokensOf(entry.num_tokens) !== null);
  const counts = entries.map((entry) => Number(entry.num_tokens));
  const isRising = counts.every((count, i) => count >= (counts[i - 1] ?? 0));
  return isRising && countOf(entries.at(-1)?.step) === lastStep;
}

function recordsOf(entry: JsonObject, step: number, hasTotals: boolean): ProgressRecord[] {
  const evaluations = Object.entries(entry)
    .filter(([name]) => EVALUATED.test(name))
    .map(([key, value]) => progressRecord({ kind: 'evaluation', key, step, value: numberOf(value) }));
  if (!('loss' in entry)) return evaluations;
  const tokens = tokensOf(entry.num_input_tokens_seen);
  return [
    progressRecord({
      kind: 'step',
      key: 'loss',
      step,
      tokens,
      realTokens: hasTotals ? tokensOf(entry.num_tokens) : null,
      value: numberOf(entry.loss),
    }),
    ...evaluations,
  ];
}

function facts(sink: RecordSink, from: JsonObject): void {
  for (const key of FACTS) {
    const value = numberOf(from[key]);
    if (value !== null) sink.progress(progressRecord({ kind: 'fact', key, value }));
  }
}

function readState(state: JsonObject, line: number, sink: RecordSink): void {
  const history = state.log_history as readonly unknown[];
  const step = countOf(state.global_step);
  const hasTotals = isTotal(history, step);
  if (!hasTotals && history.some((entry) => isObject(entry) && tokensOf(entry.num_tokens) !== null))
    sink.note({
      code: 'tokens-partial',
      severity: 'info',
      message:
        'num_tokens falls, or ends before the last step, so that it is no total of the run, and is not read; num_input_tokens_seen or samples of run.json count',
    });
  for (const entry of history) {
    sink.row();
    const at = isObject(entry) ? countOf(entry.step) : null;
    if (!isObject(entry) || at === null) {
      const raw = jsonText(entry);
      sink.reject({ line, column: 'step', reason: 'json', expected: 'an object with its step', raw });
      continue;
    }
    facts(sink, entry);
    for (const record of recordsOf(entry, at, hasTotals)) sink.progress(record);
  }
  facts(sink, state);
  if (step === null) return;
  sink.row();
  sink.progress(progressRecord({ kind: 'step', step, tokens: tokensOf(state.num_input_tokens_seen) }));
}

/**
 * `trainer_state.json` of the Hugging Face trainer: steps and, where it was asked to count them, tokens; no times.
 * Source: huggingface/transformers, src/transformers/trainer_callback.py, TrainerState; `num_tokens`, those of the
 * attention mask so far: huggingface/trl, trl/trainer/sft_trainer.py.
 */
export const hfTrainerState: Format = {
  id: 'hf-trainer-state',
  title: 'Hugging Face trainer_state.json',
  sniff: (head) =>
    /^\ufeff?\s*\{/.test(head) && head.includes('"log_history"') && head.includes('"global_step"'),
  async read(chunks, { path }, sink) {
    await forEachJsonValue(chunks, path, {
      value: (value, line) => {
        if (isObject(value) && Array.isArray(value.log_history)) readState(value, line, sink);
        else reject(sink, jsonText(value), line);
      },
      other: (text, line) => reject(sink, text, line),
    });
  },
};

function reject(sink: RecordSink, raw: string, line: number): void {
  sink.row();
  sink.reject({ line, column: null, reason: 'json', expected: 'one JSON object with a log_history', raw });
}
