import { emitStep, isFault, MAXTEXT, readFields } from '../log-fields.ts';
import { collectedStamp, forEachLogLine, type LogLine, primusHead } from '../log-lines.ts';
import { refuseUntimed, type TimeReader, timeReaderFor } from '../time.ts';
import type { Format, ReadContext, RecordSink } from './format.ts';

const STEP = /\bcompleted step: *\d/;
const SHAPE = /\bcompleted step: *\d+, seconds: /;

/** Names and texts of `a: 1, b: 2`. */
function* pairsOf(text: string): Generator<[string, string]> {
  for (const part of text.split(', ')) {
    const colon = part.lastIndexOf(':');
    if (colon > 0) yield [part.slice(0, colon).trim(), part.slice(colon + 1).trim()];
  }
}

class MaxtextReader {
  private readonly context: ReadContext;
  private readonly sink: RecordSink;
  private readonly times: TimeReader;
  /** The host whose lines are read, where a launcher labels them: the first that reports a step. */
  private label: string | null | undefined;

  constructor(context: ReadContext, sink: RecordSink) {
    this.context = context;
    this.sink = sink;
    this.times = timeReaderFor(context);
  }

  line({ text, label, number }: LogLine): void {
    const at = text.search(STEP);
    if (at < 0) return;
    this.label = this.label === undefined ? label : this.label;
    this.sink.row();
    if (label === this.label) this.step(text, at, number);
    else
      this.sink.note({
        code: 'ranks-repeat',
        severity: 'info',
        message: `several hosts report each step; those of ${this.label ?? 'the first'} are read`,
      });
  }

  private step(raw: string, at: number, line: number): void {
    const fields = readFields(pairsOf(raw.slice(at)), MAXTEXT);
    const timeMs = this.time(primusHead(raw)?.stamp ?? collectedStamp(raw));
    if (isFault(fields)) this.sink.reject({ line, ...fields, raw });
    else if (fields.step === undefined || fields.stepMs === undefined)
      this.sink.reject({ line, column: 'seconds', reason: 'cut-line', expected: 'a whole line', raw });
    else emitStep(this.sink, { ...fields, step: fields.step + 1 }, { timeMs });
  }

  /** Null also where a time in front of the line cannot be read: MaxText's own part of it is whole. */
  private time(stamp: string | null): number | null {
    const timeMs = stamp === null ? null : this.times.read(stamp);
    if (typeof timeMs !== 'string') return timeMs;
    refuseUntimed(timeMs, this.context.path, stamp ?? '');
    return null;
  }
}

/**
 * Logs of MaxText, without times but those that a collector of logs put before a line. Steps are numbered from 0;
 * `total_weights` are the tokens of the step that are not padding. The first steps' times are those of asynchronous
 * dispatch. Source: MaxText/metric_logger.py.
 */
export const maxtextLog: Format = {
  id: 'maxtext-log',
  title: 'MaxText training log',
  sniff: (head) => SHAPE.test(head),
  async read(chunks, context, sink) {
    const reader = new MaxtextReader(context, sink);
    await forEachLogLine(chunks, context.path, (line) => reader.line(line));
  },
};
