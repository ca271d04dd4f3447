import { InputError } from '../errors.ts';
import { type Aliases, chosenNames, readingOf } from './aliases.ts';
import type { Fault } from './cell.ts';
import { DCGM_BLANKS } from './dcgm-blanks.ts';
import type { ReadContext, RecordSink } from './formats/format.ts';
import { forEachLine } from './lines.ts';
import type { TimeForm } from './mapping.ts';
import { type Stamp, stampOf } from './monitor-stamp.ts';
import { reasonMask, THROTTLE_GAUGES, throttledBy } from './nvml-reasons.ts';
import { PollClock } from './poll-clock.ts';
import { chipId } from './scope-id.ts';
import { StickyFaults } from './sticky-faults.ts';
import type { ColumnPlan, RowTarget, TablePlan } from './table-plan.ts';
import { TableRowReader } from './table-row.ts';

/** One way of printing a table that scrolls: a header that comes again, a line of units, a line a device. */
export interface MonitorDialect {
  readonly aliases: Aliases;
  /** Words before the device in a header line, and the names behind it; null for any other line. */
  readonly header: (words: readonly string[]) => { readonly before: number; readonly names: string[] } | null;
  readonly isUnits: (words: readonly string[]) => boolean;
  /** The words of a line, where more than blanks may stand between them. */
  readonly words?: (line: string) => string[];
  /** The device that a row's words begin with. */
  readonly device: (words: readonly string[]) => MonitorDevice | null;
}

export interface MonitorDevice {
  /** How many words it takes. */
  readonly words: number;
  /** Null: no whole GPU. */
  readonly index: string | null;
  readonly kind: string;
}

interface Layout {
  readonly key: string;
  readonly before: number;
  readonly names: readonly string[];
}

/** Words of time that a tool or a wrapper puts in front of a row. */
const STAMP_WORDS = 2;
/** Two words; a longer pattern of letters would be tried anew from each letter of a long line. */
const PROSE = /[A-Za-z]{2}[^A-Za-z]+[A-Za-z]{2}/;
const isDay = (word: string): boolean => /^\d{8}$/.test(word);
const words = (line: string): string[] => line.trim().split(/\s+/);

/** Reads the tables of `nvidia-smi dmon` and `dcgmi dmon`, which differ in little else than their words. */
class MonitorReader {
  private readonly dialect: MonitorDialect;
  private readonly context: ReadContext;
  private readonly sink: RecordSink;
  private readonly faults = new StickyFaults();
  private layout: Layout | null = null;
  private rows: TableRowReader | null = null;
  private clock: PollClock | null = null;
  private isStamped = false;
  private index = '';

  constructor(dialect: MonitorDialect, context: ReadContext, sink: RecordSink) {
    this.dialect = dialect;
    this.context = context;
    this.sink = sink;
  }

  line(text: string, number: number): void {
    const all = (this.dialect.words ?? words)(text);
    if (text.trim() === '' || this.dialect.isUnits(all)) return;
    const header = this.dialect.header(all);
    if (!header && !this.layout) this.openStated();
    if (header) this.open(header);
    else if (this.layout) this.row(all, this.layout, number, text);
    else if (PROSE.test(text)) this.other(number, text);
    else
      throw new InputError(
        'header-missing',
        `${this.context.path}: line ${number} ${JSON.stringify(text.slice(0, 120))} stands before any header; expected the names of the columns, as the tool prints them`,
      );
  }

  /** A table that was printed without its header, by the columns in run.json. */
  private openStated(): void {
    const { columns } = this.context.rule;
    const header = columns && (this.dialect.header(columns) ?? this.dialect.header(['#', ...columns]));
    if (header) this.open(header);
  }

  /** A header that comes again changes nothing: the reader of rows goes on, and with it its idea of the day. */
  private open({ before, names }: { readonly before: number; readonly names: string[] }): void {
    const key = `${before} ${names.join(' ')}`;
    if (key === this.layout?.key) return;
    this.layout = { key, before, names };
    this.rows = null;
    this.noteChoice(names);
  }

  private noteChoice(names: readonly string[]): void {
    const powers = names.filter((name) => this.dialect.aliases.readings[name]?.field === 'power_w');
    const [chosen] = powers.filter((name) => chosenNames(this.dialect.aliases, names).has(name));
    if (powers.length < 2 || chosen === undefined) return;
    this.sink.note({
      code: 'power-kind',
      severity: 'info',
      message: `of ${powers.join(' and ')} the power of ${chosen} is read`,
    });
  }

  private row(all: readonly string[], layout: Layout, line: number, raw: string): void {
    const found = this.find(all);
    const stamp = found && stampOf(all.slice(0, found.at));
    if (!found) this.other(line, raw);
    else if (found.device.index === null) this.leaveOut(found.device.kind);
    else if (!stamp && this.needsStamp(all, found.at, layout))
      this.reject(line, raw, 'time-stamp', 'a day and time, a time of day or seconds since 1970');
    else {
      this.isStamped = stamp !== null;
      this.index = found.device.index;
      const time = stamp ?? this.polled(this.index);
      this.rows ??= new TableRowReader(this.plan(layout, time.form), this.context, this.sink);
      this.rows.row([time.text, this.index, ...all.slice(found.at + found.device.words)], line, raw);
    }
  }

  /** Whether a row without a readable time is a bad row: the others have one, or what stands there is none. */
  private needsStamp(all: readonly string[], at: number, { before }: Layout): boolean {
    return this.isStamped || (at === 0 ? before > 0 : !isDay(all[0] as string));
  }

  /** The device of a row, and how many words of time stand before it. */
  private find(all: readonly string[]): { readonly at: number; readonly device: MonitorDevice } | null {
    for (let at = 0; at <= STAMP_WORDS; at += 1) {
      const device = this.dialect.device(all.slice(at));
      if (device) return { at, device };
    }
    return null;
  }

  /** A sentence among the rows, for instance that a GPU is lost, is told; what is neither is a bad row. */
  private other(line: number, raw: string): void {
    if (PROSE.test(raw))
      this.sink.note({
        code: 'prose',
        severity: 'warning',
        message: `line ${line} is no reading: ${raw.trim().slice(0, 160)}`,
      });
    else this.reject(line, raw, 'device', 'a device at the start of the row');
  }

  private reject(line: number, raw: string, reason: string, expected: string): void {
    this.sink.row();
    this.sink.reject({ line, column: null, reason, expected, raw });
  }

  private leaveOut(kind: string): void {
    this.sink.row();
    this.sink.note({
      code: 'entity-left-out',
      severity: 'info',
      message: `rows of ${kind} are left out: power and energy belong to the whole GPU`,
    });
  }

  private polled(device: string): Stamp {
    this.clock ??= new PollClock(this.context);
    return { text: String(this.clock.at(device)), form: 'unix-ms' };
  }

  private plan({ names }: Layout, form: TimeForm): TablePlan {
    const chosen = chosenNames(this.dialect.aliases, names);
    return {
      names: ['time', 'device', ...names],
      columns: [{ role: 'time', form }, { role: 'scope' }, ...names.map((name) => this.column(name, chosen))],
      kind: 'chip',
      boundary: 'chip',
      scopeId: ([index]) => chipId({ index }, this.context),
    };
  }

  private column(name: string, chosen: ReadonlySet<string>): ColumnPlan {
    const { aliases } = this.dialect;
    const reading = chosen.has(name) ? readingOf(aliases, name) : null;
    if (reading) return { role: 'reading', ...reading, sentinels: DCGM_BLANKS };
    if (aliases.reasonMasks.includes(name))
      return { role: 'text', read: (text, row) => readReasons(name, text, row) };
    if (aliases.lastFaults.includes(name))
      return { role: 'text', read: (text, row) => this.readFault(name, text, row) };
    return { role: 'skip' };
  }

  private readFault(column: string, text: string, row: RowTarget): Fault | null {
    const code = /^\d+$/.test(text) ? Number(text) : null;
    if (code === null) return { column, reason: 'number', expected: 'the code of the last fault' };
    if (DCGM_BLANKS.includes(code)) return null;
    if (code !== 0) this.noteSticky(column);
    row.set('faults_total', this.faults.total(this.index, code));
    return null;
  }

  private noteSticky(column: string): void {
    this.sink.note({
      code: 'sticky-fault',
      severity: 'info',
      message: `${column} keeps the code of the last fault; only changes of it are counted`,
    });
  }
}

function readReasons(column: string, text: string, row: RowTarget): Fault | null {
  if (DCGM_BLANKS.includes(Number(text))) return null;
  const mask = reasonMask(text);
  if (mask === null) return { column, reason: 'number', expected: 'a bit mask of clock event reasons' };
  for (const gauge of THROTTLE_GAUGES) row.set(gauge, throttledBy(mask, gauge));
  return null;
}

/**
 * Reads a scrolling table of devices into the sink.
 *
 * @throws InputError `header-missing`, and where the rows carry no time what `PollClock` throws.
 */
export async function readMonitor(
  chunks: AsyncIterable<Uint8Array>,
  context: ReadContext,
  sink: RecordSink,
  dialect: MonitorDialect,
): Promise<void> {
  const reader = new MonitorReader(dialect, context, sink);
  await forEachLine(chunks, context.path, (line, number) => reader.line(line.replace(/^\ufeff/, ''), number));
}
