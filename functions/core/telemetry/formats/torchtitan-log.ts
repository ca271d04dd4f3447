import { emitStep, isFault, readFields, TORCHTITAN } from '../log-fields.ts';
import { forEachLogLine, type LogLine, primusHead, withoutEscapes } from '../log-lines.ts';
import { expectedTime, refuseUntimed, type TimeReader, timeReaderFor } from '../time.ts';
import type { TimeError } from '../time-zone.ts';
import type { Format, ReadContext, RecordSink } from './format.ts';

const STEP = /(?<!\bvalidate )\bstep: *\d/;
const LOSS = /\bloss: *\S/;
const RATE = /\b(?:tps|wps): *\S/;
const FIELD = /\b([a-z_]+): *(\S+)/g;
const RANK = /(?:^|\s)(\[(?:rank|default)?\d+\]):/;
const STAMP = /\b(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:[.,]\d+)?)/;

const isStep = (text: string): boolean => STEP.test(text) && LOSS.test(text) && RATE.test(text);

class TorchtitanReader {
  private readonly context: ReadContext;
  private readonly sink: RecordSink;
  private readonly times: TimeReader;
  /** The rank whose lines are read: the first that reports a step. Undefined until then. */
  private rank: string | undefined;

  constructor(context: ReadContext, sink: RecordSink) {
    this.context = context;
    this.sink = sink;
    this.times = timeReaderFor(context);
  }

  line({ text, label, number }: LogLine): void {
    if (!isStep(text)) return;
    const rank = RANK.exec(text)?.[1] ?? primusHead(text)?.rank ?? label ?? '';
    this.rank ??= rank;
    this.sink.row();
    if (rank === this.rank) this.step(text, number);
    else
      this.sink.note({
        code: 'ranks-repeat',
        severity: 'info',
        message: `several ranks report each step; those of ${this.rank || 'the first'} are read`,
      });
  }

  private step(raw: string, line: number): void {
    const at = raw.search(STEP);
    const pairs = [...raw.slice(at).matchAll(FIELD)].map(([, name = '', text = '']) => [name, text] as const);
    const fields = readFields(pairs, TORCHTITAN);
    const timeMs = this.time(STAMP.exec(raw.slice(0, at))?.[1] ?? primusHead(raw)?.stamp);
    if (isFault(fields)) this.sink.reject({ line, ...fields, raw });
    else if (typeof timeMs === 'string') {
      const expected = expectedTime(timeMs, 'iso', this.context.rule.timeZone);
      this.sink.reject({ line, column: 'time', reason: timeMs, expected, raw });
    } else emitStep(this.sink, fields, { timeMs });
  }

  private time(stamp: string | undefined): number | TimeError | null {
    if (stamp === undefined) return null;
    const timeMs = this.times.read(stamp);
    if (typeof timeMs === 'string') refuseUntimed(timeMs, this.context.path, stamp);
    return timeMs;
  }
}

/**
 * Logs of torchtitan. Rates are per device; every rank may print them. Lines of validation are of the same form, but
 * report no work. Source: torchtitan/components/metrics.py.
 */
export const torchtitanLog: Format = {
  id: 'torchtitan-log',
  title: 'torchtitan training log',
  sniff: (head) => withoutEscapes(head).split('\n').some(isStep),
  async read(chunks, context, sink) {
    const reader = new TorchtitanReader(context, sink);
    await forEachLogLine(chunks, context.path, (line) => reader.line(line));
  },
};
