import { LOADED_CHECKPOINT, type ProgressRecord } from './progress.ts';
import { between, NO_WORK, totalsOf, type WorkTotals } from './work-totals.ts';

/** How far the work was: its step, or what else the log counts. */
export const positionOf = (r: ProgressRecord): number | null =>
  r.kind === 'step' ? (r.step ?? r.samples ?? r.tokens ?? r.realTokens) : null;

export const isResume = (r: ProgressRecord): boolean => r.kind === 'fact' && r.key === LOADED_CHECKPOINT;

interface Reported {
  readonly position: number;
  readonly timeMs: number | null;
  readonly stepMs: number | null;
}

/**
 * Whether a step was reported already, by another rank, whose line comes late or beside the first. Work that is done
 * again is reported later than all that was reported before.
 */
export function isRepeat(record: Reported, last: Reported): boolean {
  const { position, timeMs } = record;
  if (position > last.position) return false;
  if (timeMs === null || last.timeMs === null) return position === last.position;
  if (timeMs <= last.timeMs) return true;
  const stepMs = record.stepMs ?? last.stepMs ?? Number.POSITIVE_INFINITY;
  return position === last.position && timeMs - last.timeMs < stepMs;
}

/** Lines that number their steps come every so many steps; one that begins further from nought than this many is a later part. */
const INTERVALS_FROM_START = 2;

/**
 * Work that was done before a log begins: up to the checkpoint that it says it went on from, else up to one interval
 * before its first line, where that is far from the start. All zero where it holds the beginning, null what is unknown.
 */
export function workBefore(records: readonly ProgressRecord[], isSampled: boolean): WorkTotals {
  const at = records.findIndex((r) => positionOf(r) !== null);
  const first = records[at];
  if (!first || first.step === null) return NO_WORK;
  const { step } = first;
  const next = records.find((r, i) => i > at && r.kind === 'step' && r.step !== null && r.step > step);
  const interval = (next?.step ?? 2 * step) - step;
  const isLater = !isSampled && step > INTERVALS_FROM_START * interval;
  const start = records.slice(0, at).findLast(isResume)?.value ?? (isLater ? step - interval : 0);
  if (start <= 0 || start >= step) return NO_WORK;
  const totals = next
    ? between(totalsOf(first, NO_WORK), totalsOf(next, NO_WORK), (start - step) / interval)
    : { steps: start, samples: null, tokens: null, realTokens: null };
  // What is counted step by step is counted from here on.
  return { ...totals, realTokens: first.realTokens === null ? 0 : totals.realTokens };
}
