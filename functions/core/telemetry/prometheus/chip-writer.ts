import type { RecordSink } from '../formats/format.ts';
import { FIELDS } from '../sample.ts';
import { StickyFaults } from '../sticky-faults.ts';
import type { SeriesPlan } from './series-plan.ts';

const FAULTS = FIELDS.indexOf('faults_total');

/** One chip of a file, made known to the sink with its first sample. */
export interface WrittenChip {
  readonly plan: SeriesPlan;
  index: number;
}

/** Hands samples to the sink, in time order a chip; codes of last faults become counts on the way. */
export class ChipWriter {
  private readonly faults = new StickyFaults();
  private readonly sink: RecordSink;
  private readonly noted = new Set<string>();

  constructor(sink: RecordSink) {
    this.sink = sink;
  }

  chip(plan: SeriesPlan): WrittenChip {
    return { plan, index: -1 };
  }

  write(chip: WrittenChip, timeMs: number, values: Float64Array, fields: readonly number[]): void {
    const { scope, scopeKind, boundary } = chip.plan;
    if (chip.index < 0) {
      chip.index = this.sink.scope(scope, scopeKind);
      if (boundary !== null) this.sink.state(chip.index, { boundary });
    }
    const code = values[FAULTS] as number;
    if (!Number.isNaN(code)) {
      if (code !== 0) this.noteFault(scope, code);
      values[FAULTS] = this.faults.total(scope, code);
    }
    this.sink.sample(chip.index, timeMs, values, fields);
  }

  private noteFault(scope: string, code: number): void {
    this.note(
      scope,
      'sticky-xid',
      `${scope}: the gauge of the last fault holds ${code}; only its changes within the file count as faults`,
    );
  }

  /** Says of a series, once, that it was not read or only in part. */
  note(series: string, code: string, message: string): void {
    const key = `${code} ${series}`;
    if (this.noted.has(key)) return;
    this.noted.add(key);
    this.sink.note({ code, severity: 'info', message });
  }

  /** Says that of two series of one field and chip only one was read. */
  noteUnread(unread: SeriesPlan, read: SeriesPlan): void {
    const field = FIELDS[read.fields[0] as number];
    if (unread.isInstance)
      this.note(
        unread.scope,
        'mig-folded',
        `${unread.scope}: its instances repeat what is the board's; it counts once`,
      );
    else if (unread.name === read.name)
      this.note(
        unread.scope,
        'replica',
        `${unread.scope}: several series of ${read.name}; each time counts once`,
      );
    else
      this.note(
        `${unread.scope} ${unread.name}`,
        'series-chosen',
        `${unread.scope}: ${field} is read from ${read.name}, not from ${unread.name}`,
      );
  }
}

/** Whether a series is read in place of another one of the same chip and field. */
export const isBetter = (a: SeriesPlan, b: SeriesPlan): boolean =>
  a.rank !== b.rank ? a.rank < b.rank : !a.isInstance && b.isInstance;
