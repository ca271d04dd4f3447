import { type ProgressRecord, SAMPLED_EXPORT } from './progress.ts';
import { StepFold, type StepSummary } from './step-fold.ts';
import { isResume, positionOf, workBefore } from './step-records.ts';

/** What one log of a run says of its steps, in file order. */
export class StepLog {
  readonly path: string;
  readonly format: string;
  readonly records: ProgressRecord[] = [];
  isSampled = false;
  startMs: number | null = null;
  stopMs: number | null = null;
  first = Number.POSITIVE_INFINITY;
  last = Number.NEGATIVE_INFINITY;
  private hasStepTime = false;
  private hasTotals = false;

  constructor(path: string, format: string) {
    this.path = path;
    this.format = format;
  }

  add(record: ProgressRecord): void {
    if (record.kind === 'fact' && record.key === SAMPLED_EXPORT) this.isSampled = true;
    const position = positionOf(record);
    if (position === null) {
      if (isResume(record)) this.records.push(record);
      return;
    }
    this.records.push(record);
    const { timeMs } = record;
    this.first = Math.min(this.first, position);
    this.last = Math.max(this.last, position);
    if (timeMs !== null) {
      this.startMs = Math.min(timeMs, this.startMs ?? timeMs);
      this.stopMs = Math.max(timeMs, this.stopMs ?? timeMs);
    }
    this.hasStepTime ||= record.stepMs !== null;
    this.hasTotals ||= (record.samples ?? record.tokens ?? record.stepRealTokens) !== null;
  }

  /** How much it can tell; each that is true is worth more than all that follow. */
  get worth(): readonly boolean[] {
    const isNumbered = this.records.some((r) => r.step !== null);
    return [!this.isSampled, isNumbered, this.hasStepTime, this.hasTotals, this.startMs !== null];
  }
}

/** Whether `next` was written while what came before was, so that both report the same steps. */
function isBeside(before: readonly StepLog[], next: StepLog): boolean {
  return before.some((log) => {
    if (log.stopMs !== null && log.startMs !== null && next.startMs !== null && next.stopMs !== null)
      return next.startMs <= log.stopMs && next.stopMs >= log.startMs;
    return next.first >= log.first && next.last <= log.last;
  });
}

const compareWorth = (a: StepLog, b: StepLog): number => {
  const at = a.worth.findIndex((has, i) => has !== b.worth[i]);
  return at < 0 ? b.last - a.last : a.worth[at] ? -1 : 1;
};

/**
 * The logs that tell the steps of a run, in order: of those that tell most, one after another in time. A log written
 * beside another one, of a further rank say, reports the same steps and is left out.
 */
function chooseLogs(logs: readonly StepLog[]): StepLog[] {
  const best = logs.toSorted(compareWorth)[0];
  const alike = logs
    .filter((log) => log.format === best?.format)
    .toSorted((a, b) => (a.startMs === null || b.startMs === null ? 0 : a.startMs - b.startMs));
  const chosen: StepLog[] = [];
  for (const log of alike) if (!isBeside(chosen, log)) chosen.push(log);
  return chosen;
}

/** What the logs of a run come to in steps; null where none reports any. */
export function foldSteps(
  logs: readonly StepLog[],
): (StepSummary & { readonly paths: readonly string[]; readonly isSampled: boolean }) | null {
  const chosen = chooseLogs(logs.filter((log) => log.last >= 0));
  const isSampled = chosen.some((log) => log.isSampled);
  const first = chosen[0];
  const fold = new StepFold(workBefore(first?.records ?? [], isSampled));
  for (const log of chosen) {
    if (log !== first) fold.restart();
    for (const record of log.records) fold.add(record);
  }
  const summary = fold.summary();
  return summary && { ...summary, paths: chosen.map((log) => log.path), isSampled };
}
