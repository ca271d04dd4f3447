import type { Fault } from '../cell.ts';
import { progressRecord } from '../progress.ts';
import { expectedTime, refuseUntimed, type TimeReader, timeReaderFor } from '../time.ts';
import type { Format, ReadContext, RecordSink } from './format.ts';
import { hasMllog, type MllogRecord, numberOf } from './mllog.ts';
import { forEachMllogLine } from './mllog-lines.ts';

const NAMESPACE = 'mlperf::logging';

/** What the log says of the run itself. Its test_datetime ends in Z and is local all the same: kept as a text. */
const FACTS = new Set([
  'loadgen_version',
  'test_datetime',
  'sut_name',
  'effective_scenario',
  'effective_test_mode',
  'result_validity',
  'result_samples_per_second',
  'generated_query_count',
  'generated_samples_per_query',
]);
const STATUS_BY_VALIDITY: ReadonlyMap<string, string> = new Map([
  ['VALID', 'success'],
  ['INVALID', 'aborted'],
]);

const isLoadgenLog = (head: string): boolean => hasMllog(head) && head.includes(NAMESPACE);

/** Gathers what ends the run, which the log says in several lines. */
class DetailReader {
  private stopMs: number | null = null;
  private status: string | null = null;
  private queries: number | null = null;
  private samplesPerQuery: number | null = null;
  private readonly times: TimeReader;
  private readonly context: ReadContext;
  private readonly sink: RecordSink;

  constructor(context: ReadContext, sink: RecordSink) {
    this.context = context;
    this.sink = sink;
    this.times = timeReaderFor(context, 'month-first');
  }

  record({ key, value }: MllogRecord): Fault | null {
    if (FACTS.has(key)) this.fact(key, value);
    if (key !== 'power_begin' && key !== 'power_end') return null;
    const text = typeof value === 'string' ? value : '';
    const timeMs = this.times.read(text);
    if (typeof timeMs !== 'number') {
      refuseUntimed(timeMs, this.context.path, text);
      return {
        column: key,
        reason: timeMs,
        expected: expectedTime(timeMs, 'month-first', this.context.rule.timeZone),
      };
    }
    if (key === 'power_begin') this.sink.progress(progressRecord({ kind: 'run-start', timeMs, key }));
    else this.stopMs = timeMs;
    return null;
  }

  private fact(key: string, value: unknown): void {
    const number = numberOf(value);
    const text = typeof value === 'string' ? value : null;
    if (key === 'result_validity') this.status = STATUS_BY_VALIDITY.get(text ?? '') ?? null;
    if (key === 'generated_query_count') this.queries = number;
    if (key === 'generated_samples_per_query') this.samplesPerQuery = number;
    this.sink.progress(progressRecord({ kind: 'fact', key, value: number, text }));
  }

  end(): void {
    const { stopMs, status, queries, samplesPerQuery } = this;
    if (stopMs === null) {
      const message = 'no power_begin and power_end in the log: it says nothing of when the run was';
      this.sink.note({ code: 'no-power-window', severity: 'warning', message });
      return;
    }
    const samples = queries !== null && samplesPerQuery !== null ? queries * samplesPerQuery : null;
    const key = 'power_end';
    this.sink.progress(progressRecord({ kind: 'run-stop', timeMs: stopMs, key, samples, text: status }));
  }
}

/**
 * Detail log of MLPerf's load generator: when the measured window began and ended, how many samples it issued and
 * whether the result is valid. Its time_ms counts from the start of the program and is not used.
 */
export const mlperfLoadgenDetail: Format = {
  id: 'mlperf-loadgen-detail',
  title: 'MLPerf Inference mlperf_log_detail.txt',
  sniff: isLoadgenLog,
  async read(chunks, context, sink) {
    const reader = new DetailReader(context, sink);
    await forEachMllogLine(chunks, context.path, (parts, number, line) => {
      for (const part of parts) {
        sink.row();
        if ('error' in part)
          sink.reject({ line: number, column: null, reason: 'mllog', expected: part.error, raw: part.raw });
        else {
          const fault = reader.record(part.record);
          if (fault) sink.reject({ line: number, ...fault, raw: line });
        }
      }
    });
    reader.end();
  },
};
