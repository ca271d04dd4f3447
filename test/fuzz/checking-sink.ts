import type { Note, RecordSink, Reject, ScopeFacts } from '../../functions/core/telemetry/formats/format.ts';
import { rangeOf } from '../../functions/core/telemetry/plausible.ts';
import type { ProgressRecord } from '../../functions/core/telemetry/progress.ts';
import { FIELDS } from '../../functions/core/telemetry/sample.ts';

/** Ms since the epoch of the year 2262. */
const LATEST_MS = 9_223_372_036_855;
const CODE = /^[a-z][a-z0-9-]*$/;
const MESSAGE_LIMIT = 2_000;

/** A promise of the readers that was broken. */
export class BrokenPromise extends Error {}

function demand(holds: boolean, what: string): asserts holds {
  if (!holds) throw new BrokenPromise(what);
}

export const isShortMessage = (message: string): boolean => message.length <= MESSAGE_LIMIT;

/** Takes what a reader gives, looks at every number of it, and keeps it as texts to be compared. */
export class CheckingSink implements RecordSink {
  readonly calls: string[] = [];
  private readonly kinds: ScopeFacts['kind'][] = [];
  private readonly ids: string[] = [];
  private rows = 0;
  private rejects = 0;

  scope(id: string, kind: ScopeFacts['kind']): number {
    demand(typeof id === 'string' && id.trim() !== '', `scope id ${JSON.stringify(id)}`);
    if (!this.ids.includes(id)) {
      this.ids.push(id);
      this.kinds.push(kind);
    }
    return this.ids.indexOf(id);
  }

  state(scope: number, facts: Partial<ScopeFacts>): void {
    this.isScope(scope);
    const { conversionEfficiency: efficiency = 1 } = facts;
    demand(efficiency > 0 && efficiency <= 1, `conversion efficiency ${efficiency}`);
    this.calls.push(`state ${scope} ${JSON.stringify(facts)}`);
  }

  sample(scope: number, timeMs: number, values: Float64Array): void {
    this.isScope(scope);
    this.isTime(timeMs);
    demand(values.length === FIELDS.length, `${values.length} values`);
    for (const [i, field] of FIELDS.entries()) {
      const value = values[i] as number;
      if (Number.isNaN(value)) continue;
      const [low, high] = rangeOf(field, this.kinds[scope] as ScopeFacts['kind']);
      demand(Number.isFinite(value) && value >= low && value <= high, `${field} ${value}`);
    }
    this.calls.push(`sample ${this.ids[scope]} ${timeMs} ${values.join(' ')}`);
  }

  logStart(scope: number, timeMs: number): void {
    this.isScope(scope);
    this.isTime(timeMs);
    this.calls.push(`start ${scope} ${timeMs}`);
  }

  logStop(scope: number, timeMs: number): void {
    this.isScope(scope);
    this.isTime(timeMs);
    this.calls.push(`stop ${scope} ${timeMs}`);
  }

  estimate(scope: number, timeMs: number, powerW: number): void {
    this.isScope(scope);
    this.isTime(timeMs);
    demand(Number.isFinite(powerW) && powerW >= 0, `estimate ${powerW}`);
    this.calls.push(`estimate ${scope} ${timeMs} ${powerW}`);
  }

  progress(record: ProgressRecord): void {
    if (record.timeMs !== null) this.isTime(record.timeMs);
    for (const [name, value] of Object.entries(record))
      demand(typeof value !== 'number' || Number.isFinite(value), `progress ${name} ${value}`);
    this.calls.push(`progress ${JSON.stringify(record)}`);
  }

  row(): void {
    this.rows += 1;
  }

  reject(reject: Reject): void {
    this.rejects += 1;
    demand(this.rejects <= this.rows, `${this.rejects} rejects of ${this.rows} rows`);
    demand(CODE.test(reject.reason), `reason ${reject.reason}`);
    demand(Number.isInteger(reject.line) && reject.line > 0, `line ${reject.line}`);
    demand(typeof reject.raw === 'string' && reject.expected !== '', 'a reject without its text');
    this.calls.push(`reject ${reject.line} ${reject.reason} ${reject.column} ${reject.raw.slice(0, 100)}`);
  }

  note(note: Note): void {
    demand(CODE.test(note.code), `note ${note.code}`);
    demand(note.message !== '', `note ${note.code} says nothing`);
    this.calls.push(`note ${note.code} ${note.message.slice(0, 200)}`);
  }

  private isScope(scope: number): void {
    demand(Number.isInteger(scope) && scope >= 0 && scope < this.ids.length, `scope ${scope}`);
  }

  private isTime(timeMs: number): void {
    demand(timeMs >= 0 && timeMs <= LATEST_MS, `time ${timeMs}`);
  }
}
