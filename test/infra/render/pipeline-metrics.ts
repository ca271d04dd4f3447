import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { type FunctionName, Metrics } from '../../../functions/platform/metrics.ts';
import { OF_AWS } from '../dashboard-metrics.ts';
import type { MetricStore } from './metric-store.ts';

const MINUTE_MS = 60_000;
const DAYS = 3;
const START_MS = Date.parse('2026-01-29T00:00:00Z');
/** Runs of an evening; collectors upload a file of each node every few minutes. */
const EVENING = { fromHour: 19, toHour: 23 };
/** In the second evening one collector writes watts as text, and one file cannot be read at all. */
const BAD_DAY = 1;
const FILE_ROWS = 36_000;
const FILE_BYTES = 3_200_000;
/** What a small deployment works off in a minute. */
const FILES_A_MINUTE = 34;

/** Resources by the names that they have in the template. */
export interface Resources {
  readonly lambda: (fn: FunctionName) => string;
  readonly queue: (name: 'ingest' | 'evaluate') => string;
  readonly deadLetters: readonly string[];
  readonly machine: string;
}

/** Three days of a pipeline minute by minute: arrivals, a queue with so many workers, and nights. */
export class PipelineDays {
  private readonly random = xoroshiro128plus(20_260_129);
  private readonly store: MetricStore;
  private readonly of: Resources;
  private waiting = 0;
  private dead = 0;

  constructor(store: MetricStore, of: Resources) {
    this.store = store;
    this.of = of;
  }

  run(): void {
    for (let minute = 0; minute < DAYS * 1_440; minute += 1) {
      const timeMs = START_MS + minute * MINUTE_MS;
      this.intake(timeMs, Math.floor(minute / 1_440), (minute % 1_440) / 60);
      if (minute % 1_440 === 125) this.night(timeMs);
    }
  }

  /** Evenly distributed between 0 and 1. */
  private chance(): number {
    return (this.random.next() >>> 0) / 2 ** 32;
  }

  private aws(
    namespace: keyof typeof OF_AWS,
    metric: string,
    resource: string,
    timeMs: number,
    value: number,
  ) {
    const dimensions = { [OF_AWS[namespace]?.dimension as string]: resource };
    this.store.add({ namespace, metric, dimensions, timeMs, value });
  }

  /** A call as Lambda counts it, beside what the function itself says. */
  private called<F extends FunctionName>(
    fn: F,
    metrics: Metrics<F>,
    timeMs: number,
    durationMs: number,
  ): void {
    metrics.took('WorkDuration', durationMs);
    this.store.addLine(metrics.line(timeMs));
    const lambda = this.of.lambda(fn);
    this.aws('AWS/Lambda', 'Duration', lambda, timeMs, durationMs + 20 + 60 * this.chance());
    this.aws('AWS/Lambda', 'Invocations', lambda, timeMs, 1);
    for (const metric of ['Errors', 'Throttles']) this.aws('AWS/Lambda', metric, lambda, timeMs, 0);
  }

  private arrivals(hour: number): number {
    const isEvening = hour >= EVENING.fromHour && hour < EVENING.toHour;
    if (isEvening) return Math.round(22 + 24 * this.chance() * Math.sin(((hour - 19) / 4) * Math.PI));
    return this.chance() < 0.02 ? 1 : 0;
  }

  private intake(timeMs: number, day: number, hour: number): void {
    this.waiting += this.arrivals(hour);
    const isBad = day === BAD_DAY && hour >= 20.5 && hour < 21.5;
    const served = Math.min(this.waiting, FILES_A_MINUTE);
    const waitMs = (this.waiting / FILES_A_MINUTE) * MINUTE_MS;
    this.waiting -= served;
    if (day === BAD_DAY && hour === 21) this.dead = 1;
    if (day === BAD_DAY && hour === 23.5) this.dead = 0;
    this.gauges(timeMs, waitMs);
    for (let left = served; left > 0; left -= 10) this.batch(timeMs, Math.min(left, 10), waitMs, isBad);
    if (served > 0) this.evaluated(timeMs, served);
  }

  private gauges(timeMs: number, waitMs: number): void {
    const of = (name: string, resource: string, value: number): void =>
      this.aws('AWS/SQS', name, resource, timeMs, value);
    of('ApproximateNumberOfMessagesVisible', this.of.queue('ingest'), this.waiting);
    of('ApproximateAgeOfOldestMessage', this.of.queue('ingest'), this.waiting > 0 ? waitMs / 1_000 : 0);
    of('ApproximateNumberOfMessagesVisible', this.of.queue('evaluate'), Math.floor(this.waiting / 8));
    of('ApproximateAgeOfOldestMessage', this.of.queue('evaluate'), this.waiting > 0 ? 9 : 0);
    for (const queue of this.of.deadLetters)
      of('ApproximateNumberOfMessagesVisible', queue, /IngestDead/.test(queue) ? this.dead : 0);
  }

  private batch(timeMs: number, files: number, waitMs: number, isBad: boolean): void {
    const metrics = new Metrics('ingest');
    let workMs = 40;
    for (let i = 0; i < files; i += 1) {
      const size = 0.6 + 0.8 * this.chance();
      const isRefused = isBad && this.chance() < 0.16;
      metrics.count(isRefused ? 'FilesRefused' : 'FilesIngested');
      metrics.count('RowsRead', Math.round(FILE_ROWS * size));
      metrics.count('RowsRejected', isRefused ? 420 : this.chance() < 0.1 ? 2 : 0);
      metrics.count('BytesRead', Math.round(FILE_BYTES * size));
      metrics.took('UploadToReceipt', 5_000 * this.chance() + waitMs * this.chance() + 900);
      workMs += 190 * size * (0.8 + 0.5 * this.chance());
    }
    if (this.chance() < 0.03) metrics.count('FilesDuplicate');
    if (this.chance() < 0.05) metrics.count('FilesDeferred', 2);
    if (isBad && this.chance() < 0.02) metrics.count('Failures');
    this.called('ingest', metrics, timeMs, workMs);
  }

  private evaluated(timeMs: number, files: number): void {
    const metrics = new Metrics('evaluate');
    const runs = Math.max(1, Math.round(files / 9));
    metrics.count('RunsEvaluated', runs);
    metrics.count('RunsWaiting', Math.round(files / 5));
    metrics.count('RunsUnchanged', this.chance() < 0.1 ? 1 : 0);
    for (let i = 0; i < runs; i += 1) metrics.took('ReceiptToReport', 6_000 + 9_000 * this.chance());
    this.called('evaluate', metrics, timeMs, runs * (500 + 700 * this.chance()));
  }

  private night(timeMs: number): void {
    const reconcile = new Metrics('reconcile');
    reconcile.count('ProgramsLanded', 2);
    reconcile.count('ObjectsRequeued', this.chance() < 0.4 ? 1 : 0);
    reconcile.count('RunsStale', Math.round(3 * this.chance()));
    reconcile.count('ObjectsWaiting', 2);
    this.called('reconcile', reconcile, timeMs, 21_000 + 6_000 * this.chance());
    for (const i of [1, 2]) {
      const decide = new Metrics('decide');
      decide.count('DecisionsMade');
      this.called('decide', decide, timeMs + i * MINUTE_MS, 14_000 + 12_000 * this.chance());
    }
    for (const [metric, value] of [
      ['ExecutionsSucceeded', 1],
      ['ExecutionsFailed', 0],
      ['ExecutionsTimedOut', 0],
      ['ExecutionsAborted', 0],
    ] as const)
      this.aws('AWS/States', metric, this.of.machine, timeMs, value);
  }
}
