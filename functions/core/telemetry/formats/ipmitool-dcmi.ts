import { type Fault, numberFault, numberIn } from '../cell.ts';
import { forEachLine } from '../lines.ts';
import { rangeOf } from '../plausible.ts';
import { PollClock } from '../poll-clock.ts';
import { emptySample, POWER } from '../sample.ts';
import { hostId } from '../scope-id.ts';
import { EARLIEST_MS, expectedTime, refuseUntimed, type TimeReader, timeReaderFor } from '../time.ts';
import type { Format, ReadContext, RecordSink } from './format.ts';

/** Lines of a block (blanks are trimmed afterwards: a pattern for them takes the square of their number) as ipmitool and as FreeIPMI's ipmi-dcmi word them. */
const POWER_LINE = /^\s*(?:Instantaneous power reading|Current Power)\s*:\s*(\S+)\s*Watts\b/i;
const TIME_LINE = /^\s*(?:IPMI timestamp|Time Stamp)\s*:(.*)$/i;
const STATE_LINE = /^\s*(?:Power reading state is|Power Measurement)\s*:(.*)$/i;
const IS_ON = /^(?:activated|active)$/i;
const SLASHED = /^(\d\d\/\d\d\/\d{4})\s*-?\s*(\d\d:\d\d:\d\d)$/;

interface Block {
  readonly line: number;
  readonly power: string;
  time: string;
  state: string;
}

/** Reads blocks of readings of one host. A block ends where the next one begins. */
class DcmiReader {
  private block: Block | null = null;
  private clock: PollClock | null = null;
  private readonly values = emptySample();
  private readonly ctime: TimeReader;
  private readonly monthFirst: TimeReader;
  private readonly context: ReadContext;
  private readonly sink: RecordSink;

  constructor(context: ReadContext, sink: RecordSink) {
    this.context = context;
    this.sink = sink;
    this.ctime = timeReaderFor(context, 'ctime');
    this.monthFirst = timeReaderFor(context, 'month-first');
  }

  line(text: string, number: number): void {
    const power = POWER_LINE.exec(text)?.[1];
    if (power !== undefined) {
      this.end();
      this.block = { line: number, power, time: '', state: '' };
    } else if (this.block) {
      this.block.time ||= TIME_LINE.exec(text)?.[1]?.trim() ?? '';
      this.block.state ||= STATE_LINE.exec(text)?.[1]?.trim() ?? '';
    }
  }

  end(): void {
    const { block } = this;
    this.block = null;
    if (!block) return;
    this.sink.row();
    const fault = this.read(block);
    if (fault) this.sink.reject({ line: block.line, ...fault, raw: `${block.power} Watts, ${block.time}` });
  }

  private read({ power, time, state }: Block): Fault | null {
    const powerW = numberIn(power);
    if (powerW === null) return numberFault('power');
    const [low, high] = rangeOf('power_w', 'node');
    if (powerW < low || powerW > high)
      return { column: 'power', reason: 'range', expected: `${low} to ${high}` };
    const isOff = powerW === 0 && state !== '' && !IS_ON.test(state);
    if (isOff) this.noteOff(state);
    if (isOff && this.context.rule.startTime === undefined) return null;
    const timeMs = this.timeOf(time);
    if (typeof timeMs !== 'number') return timeMs;
    if (isOff || Number.isNaN(powerW)) return null;
    this.values[POWER] = powerW;
    this.sink.sample(this.sink.scope(this.id(), 'node'), timeMs, this.values);
    return null;
  }

  /** A BMC whose clock was never set begins at 1970; the reading may be good, and its time is the rule's. */
  private timeOf(text: string): number | Fault {
    const slashed = SLASHED.exec(text);
    const timeMs = slashed ? this.monthFirst.read(`${slashed[1]} ${slashed[2]}`) : this.ctime.read(text);
    const isUnset =
      text === '' || /\b19[789]\d\b/.test(text) || (typeof timeMs === 'number' && timeMs < EARLIEST_MS);
    if (isUnset) {
      this.clock ??= new PollClock(this.context);
      return this.clock.at('');
    }
    if (typeof timeMs === 'number') return timeMs;
    refuseUntimed(timeMs, this.context.path, text);
    return {
      column: 'timestamp',
      reason: timeMs,
      expected: expectedTime(timeMs, 'ctime', this.context.rule.timeZone),
    };
  }

  private noteOff(state: string): void {
    const message = `0 W while the power reading is ${state}: no reading`;
    this.sink.note({ code: 'power-reading-off', severity: 'warning', message });
  }

  private id(): string {
    const { path } = this.context;
    const name = path.slice(path.lastIndexOf('/') + 1);
    return hostId(name.replace(/\.[^.]*$/, '') || name, '', this.context);
  }
}

/**
 * Power of a host by DCMI, asked again and again. Times are the BMC's, in its own zone. DCMI does not say on which
 * side of the power supplies it measures, and may leave accelerator trays out.
 */
export const ipmitoolDcmi: Format = {
  id: 'ipmitool-dcmi',
  title: 'ipmitool dcmi power reading, FreeIPMI ipmi-dcmi',
  sniff: (head) => head.split(/\r?\n/).some((line) => POWER_LINE.test(line)),
  async read(chunks, context, sink) {
    const reader = new DcmiReader(context, sink);
    await forEachLine(chunks, context.path, (line, number) => reader.line(line, number));
    reader.end();
  },
};
