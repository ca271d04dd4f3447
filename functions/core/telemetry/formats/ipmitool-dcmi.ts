import { type Fault, numberFault, numberIn } from '../cell.ts';
import { forEachLine } from '../lines.ts';
import { rangeOf } from '../plausible.ts';
import { PollClock } from '../poll-clock.ts';
import { emptySample, POWER } from '../sample.ts';
import { hostId } from '../scope-id.ts';
import { EARLIEST_MS, expectedTime, refuseUntimed, type TimeReader, timeReaderFor } from '../time.ts';
import type { TimeError } from '../time-zone.ts';
import type { Format, ReadContext, RecordSink } from './format.ts';
import { isHostPower, wattsSensor } from './ipmitool-sensors.ts';

/** Lines of a block (blanks are trimmed afterwards: a pattern for them takes the square of their number) as ipmitool, FreeIPMI's ipmi-dcmi and ipmiutil word them. */
const POWER_LINE = /^\s*(?:Instantaneous power reading|Current Power)\s*:\s*(\S+)\s*Watts\b/i;
const TIME_LINE = /^\s*(?:IPMI timestamp|Time ?Stamp)\s*:(.*)$/i;
const STATE_LINE = /^\s*(?:Power reading state is|Power Measurement)\s*:(.*)$/i;
const IS_ON = /^(?:activated|active)$/i;
/** FreeIPMI's, and that of ipmitool since 1.8.19, which is the C library's `%x %X %Z` and has two digits of a year. */
const SLASHED =
  /^(\d\d)\/(\d\d)\/(\d\d|\d{4})\s*-?\s*(\d\d:\d\d:\d\d)(?:\s+([AP]M))?(?:\s+(UTC|GMT|[+-]\d{4}|[A-Z]{3,5}))?$/;
/** What ipmitool since 1.8.19 prints for the time of a BMC that was never set: seconds since it began. */
const NO_TIME = /^(?:Unspecified|S\+.*)$/;
const HOURS = 12;

/** A time with slashes as the reader of month-first times takes it; a zone's letters other than UTC are left to the rule. */
function monthFirstText([, month, day, year = '', clock = '', half, zone]: RegExpExecArray): string {
  const full = year.length === 2 ? `20${year}` : year;
  const hour = half === undefined ? Number(clock.slice(0, 2)) : hourOf(Number(clock.slice(0, 2)), half);
  const stated = zone !== undefined && /^(?:UTC|GMT|[+-])/.test(zone) ? zone : '';
  return `${month}/${day}/${full} ${String(hour).padStart(2, '0')}${clock.slice(2)}${stated}`;
}

const hourOf = (hour: number, half: string): number => (hour % HOURS) + (half === 'PM' ? HOURS : 0);

/** What may be the time of a poll that a script writes before it: as `date` prints it, by ISO 8601, or in seconds. */
const STAMP =
  /^(?:[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d |\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d|\d{10}(?:\.\d+)?$)/;

interface Block {
  readonly line: number;
  readonly power: string;
  /** Time that stood before the block; '' where none did. */
  readonly stamp: string;
  time: string;
  state: string;
}

/** Reads blocks of readings of one host. A block ends where the next one begins. */
class DcmiReader {
  private block: Block | null = null;
  private stamp = '';
  /** The sensor that is read, of a list of them. */
  private sensor = '';
  private clock: PollClock | null = null;
  private readonly values = emptySample();
  private readonly ctime: TimeReader;
  private readonly iso: TimeReader;
  private readonly seconds: TimeReader;
  private readonly monthFirst: TimeReader;
  private readonly context: ReadContext;
  private readonly sink: RecordSink;

  constructor(context: ReadContext, sink: RecordSink) {
    this.context = context;
    this.sink = sink;
    this.ctime = timeReaderFor(context, 'ctime');
    this.iso = timeReaderFor(context);
    this.seconds = timeReaderFor(context, 'unix-s');
    this.monthFirst = timeReaderFor(context, 'month-first');
  }

  line(text: string, number: number): void {
    const power = POWER_LINE.exec(text)?.[1];
    if (power !== undefined) {
      this.end();
      this.begin(power, number);
    } else if (STAMP.test(text.trim())) {
      this.end();
      this.stamp = text.trim();
    } else if (this.block) {
      this.block.time ||= TIME_LINE.exec(text)?.[1]?.trim() ?? '';
      this.block.state ||= STATE_LINE.exec(text)?.[1]?.trim() ?? '';
    } else this.list(text, number);
  }

  private begin(power: string, line: number): void {
    this.block = { line, power, stamp: this.stamp, time: '', state: '' };
    this.stamp = '';
  }

  /** A line of a list of sensors: the host's own power is a block without a time. */
  private list(text: string, line: number): void {
    const sensor = wattsSensor(text);
    if (!sensor) return;
    const { name, watts } = sensor;
    if (isHostPower(name)) this.sensor ||= name;
    if (name !== this.sensor) {
      const message = `${name} is of a part, or of a host by a name that is not known; it is left out`;
      this.sink.note({ code: 'sensor-left-out', severity: 'info', message });
      return;
    }
    this.begin(watts, line);
    this.end();
  }

  end(): void {
    const { block } = this;
    this.block = null;
    if (!block) return;
    this.sink.row();
    const fault = this.read(block);
    if (fault) this.sink.reject({ line: block.line, ...fault, raw: `${block.power} Watts, ${block.time}` });
  }

  private read({ power, stamp, time, state }: Block): Fault | null {
    const powerW = numberIn(power);
    if (powerW === null) return numberFault('power');
    const [low, high] = rangeOf('power_w', 'node');
    if (powerW < low || powerW > high)
      return { column: 'power', reason: 'range', expected: `${low} to ${high}` };
    const isOff = powerW === 0 && state !== '' && !IS_ON.test(state);
    if (isOff) this.noteOff(state);
    if (isOff && this.context.rule.startTime === undefined) return null;
    const timeMs = this.timeOf(time, stamp);
    if (typeof timeMs !== 'number') return timeMs;
    if (isOff || Number.isNaN(powerW)) return null;
    this.values[POWER] = powerW;
    this.sink.sample(this.sink.scope(this.id(), 'node'), timeMs, this.values);
    return null;
  }

  /** A BMC whose clock was never set begins at 1970; the reading may be good, and its time is the poll's or the rule's. */
  private timeOf(text: string, stamp: string): number | Fault {
    const slashed = SLASHED.exec(text);
    const timeMs = slashed ? this.monthFirst.read(monthFirstText(slashed)) : this.ctime.read(text);
    const isUnset =
      text === '' ||
      NO_TIME.test(text) ||
      /\b19[789]\d\b/.test(text) ||
      (typeof timeMs === 'number' && timeMs < EARLIEST_MS);
    if (isUnset && stamp !== '') return this.stampMs(stamp);
    if (isUnset) {
      this.clock ??= new PollClock(this.context);
      return this.clock.at('');
    }
    return this.timed(timeMs, text);
  }

  private stampMs(stamp: string): number | Fault {
    const reader = /^\d{10}/.test(stamp) ? this.seconds : /^\d/.test(stamp) ? this.iso : this.ctime;
    return this.timed(reader.read(stamp), stamp);
  }

  private timed(timeMs: number | TimeError, text: string): number | Fault {
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
  title: 'ipmitool, FreeIPMI and ipmiutil power readings',
  sniff: (head) =>
    /watts/i.test(head) &&
    head.split(/\r?\n/).some((line) => POWER_LINE.test(line) || (wattsSensor(line)?.watts ?? '') !== ''),
  async read(chunks, context, sink) {
    const reader = new DcmiReader(context, sink);
    await forEachLine(chunks, context.path, (line, number) => reader.line(line, number));
    reader.end();
  },
};
