import { type Fault, numberFault, numberIn } from '../cell.ts';
import { forEachLine } from '../lines.ts';
import { rangeOf } from '../plausible.ts';
import { emptySample, POWER } from '../sample.ts';
import { hostId } from '../scope-id.ts';
import { expectedTime, refuseUntimed, type TimeReader, timeReaderFor } from '../time.ts';
import type { Format, ReadContext, RecordSink } from './format.ts';

const ROW = /^Time,\d\d-\d\d-\d{4} [\d:.]+,Watts,/m;
/** The meter's messages may begin as its readings do. */
const MESSAGE = /^Time,[^,]*,(?:INFO|NOTICE|WARNING|ERROR)\b/;
/** PTDaemon's word for "no reading". */
const NO_READING = -1;
const TESTING = '_testing';
const SAID_CHARACTERS = 120;

/** Value behind a key of the alternating row: its first one, which is of all channels together. */
function cellBehind(cells: readonly string[], key: string): string {
  for (let i = 0; i + 1 < cells.length; i += 2) if (cells[i] === key) return cells[i + 1] as string;
  return '';
}

/** A power factor of all channels, or of one of them: meters with several give -1 for all together. */
const hasPowerFactor = (cells: readonly string[]): boolean =>
  cells.some((cell, i) => cell === 'PF' && Number(cells[i + 1]) > 0 && Number(cells[i + 1]) < 1);

class SplReader {
  private readonly values = emptySample();
  private readonly times: TimeReader;
  private readonly context: ReadContext;
  private readonly sink: RecordSink;
  private scope: number | null = null;
  private isAc = false;

  constructor(context: ReadContext, sink: RecordSink) {
    this.context = context;
    this.sink = sink;
    this.times = timeReaderFor(context, 'month-first');
  }

  line(text: string, number: number): void {
    if (text.trim() === '') return;
    if (!text.startsWith('Time,') || MESSAGE.test(text)) {
      const said = JSON.stringify(text.slice(0, SAID_CHARACTERS));
      this.sink.note({ code: 'meter-message', severity: 'warning', message: `line ${number}: ${said}` });
      return;
    }
    this.sink.row();
    const fault = this.row(text.trimEnd().split(','));
    if (fault) this.sink.reject({ line: number, ...fault, raw: text });
  }

  private row(cells: readonly string[]): Fault | null {
    const time = cellBehind(cells, 'Time');
    const timeMs = this.times.read(time);
    if (typeof timeMs !== 'number') {
      refuseUntimed(timeMs, this.context.path, time);
      const expected = expectedTime(timeMs, 'month-first', this.context.rule.timeZone);
      return { column: 'Time', reason: timeMs, expected };
    }
    const powerW = numberIn(cellBehind(cells, 'Watts'));
    if (powerW === null) return numberFault('Watts');
    if (Number.isNaN(powerW) || powerW === NO_READING || !this.isTesting(cellBehind(cells, 'Mark')))
      return null;
    const [low, high] = rangeOf('power_w', 'node');
    if (powerW < low || powerW > high)
      return { column: 'Watts', reason: 'range', expected: `${low} to ${high}` };
    this.values[POWER] = powerW;
    this.sink.sample(this.scopeOf(cells), timeMs, this.values);
    return null;
  }

  /** MLPerf measures twice: a ranging session that finds the meter's ranges, and the testing session that counts. */
  private isTesting(mark: string): boolean {
    if (mark.endsWith(TESTING)) return true;
    const session = JSON.stringify(mark.slice(0, SAID_CHARACTERS));
    const message = `readings of the session ${session} are left out; those of a session that ends in ${TESTING} count`;
    this.sink.note({ code: 'session-left-out', severity: 'info', message });
    return false;
  }

  private scopeOf(cells: readonly string[]): number {
    if (this.scope === null) {
      this.scope = this.sink.scope(hostId('meter', '', this.context), 'node');
      if (cells.includes('Ch1')) {
        const message = 'the first Watts of a row is the sum of its channels, and is what is read';
        this.sink.note({ code: 'channels-summed', severity: 'info', message });
      }
    }
    if (!this.isAc && hasPowerFactor(cells)) {
      this.isAc = true;
      this.sink.state(this.scope, { boundary: 'node-ac' });
    }
    return this.scope;
  }
}

/**
 * Meter log of MLPerf Inference power. Its times are local to the meter's host, as are power_begin and power_end of
 * the log beside it; the timezone of server.json is of the records in there, not of this file. A power factor below
 * 1 exists on the AC side only.
 */
export const ptdaemonSpl: Format = {
  id: 'ptdaemon-spl',
  title: 'SPEC PTDaemon spl.txt (MLPerf Inference power)',
  sniff: (head) => ROW.test(head),
  async read(chunks, context, sink) {
    const reader = new SplReader(context, sink);
    await forEachLine(chunks, context.path, (line, number) => reader.line(line, number));
  },
};
