import { ALL_FIELDS } from './fold-layout.ts';
import type { Note, RecordSink, Reject, ScopeFacts, ScopeKind } from './formats/format.ts';
import type { ProgressRecord } from './progress.ts';
import { eachSample, SAMPLE_HEAD } from './samples.ts';

/** A call of the sink that is no sample, and how many samples of its batch came before it. */
type SinkEvent = { readonly after: number } & (
  | { readonly call: 'scope'; readonly id: string; readonly kind: ScopeKind }
  | { readonly call: 'state'; readonly scope: number; readonly facts: Partial<ScopeFacts> }
  | { readonly call: 'logStart' | 'logStop'; readonly scope: number; readonly timeMs: number }
  | { readonly call: 'estimate'; readonly scope: number; readonly timeMs: number; readonly powerW: number }
  | { readonly call: 'progress'; readonly record: ProgressRecord }
  | { readonly call: 'reject'; readonly reject: Reject }
  | { readonly call: 'note'; readonly note: Note }
  /** The samples from here on have these fields. */
  | { readonly call: 'fields'; readonly fields: readonly number[] }
);

/** What a reader said of a piece of a file, so that it can be said again in another thread. Plain data. */
export interface SampleBatch {
  readonly rows: number;
  readonly count: number;
  /** Scope, time and the values of the fields in force, sample after sample. */
  readonly numbers: Float64Array<ArrayBuffer>;
  readonly events: readonly SinkEvent[];
}

const FIRST_LENGTH = 65_536;

/** A sink that notes down what it is told. */
export class BatchSink implements RecordSink {
  private numbers = new Float64Array(FIRST_LENGTH);
  private length = 0;
  private rows = 0;
  private count = 0;
  private events: SinkEvent[] = [];
  private fields: readonly number[] | null = null;
  private readonly indices = new Map<string, number>();

  scope(id: string, kind: ScopeKind): number {
    const known = this.indices.get(id);
    if (known !== undefined) return known;
    const index = this.indices.size;
    this.indices.set(id, index);
    this.events.push({ after: this.count, call: 'scope', id, kind });
    return index;
  }

  sample(scope: number, timeMs: number, values: Float64Array, fields: readonly number[] = ALL_FIELDS): void {
    this.reserve(1, fields);
    const { numbers } = this;
    const at = this.length;
    numbers[at] = scope;
    numbers[at + 1] = timeMs;
    for (let k = 0; k < fields.length; k += 1)
      numbers[at + SAMPLE_HEAD + k] = values[fields[k] as number] as number;
    this.length = at + SAMPLE_HEAD + fields.length;
    this.count += 1;
  }

  sampleRows(numbers: Float64Array, count: number, fields: readonly number[]): void {
    if (count === 0) return;
    this.reserve(count, fields);
    const length = count * (SAMPLE_HEAD + fields.length);
    this.numbers.set(numbers.subarray(0, length), this.length);
    this.length += length;
    this.count += count;
  }

  /** Makes room for samples, and says which fields they have. */
  private reserve(count: number, fields: readonly number[]): void {
    if (fields !== this.fields) {
      this.fields = fields;
      this.events.push({ after: this.count, call: 'fields', fields });
    }
    const length = this.length + count * (SAMPLE_HEAD + fields.length);
    if (length <= this.numbers.length) return;
    const longer = new Float64Array(Math.max(this.numbers.length * 2, length));
    longer.set(this.numbers);
    this.numbers = longer;
  }

  row(): void {
    this.rows += 1;
  }

  state(scope: number, facts: Partial<ScopeFacts>): void {
    this.events.push({ after: this.count, call: 'state', scope, facts });
  }

  logStart(scope: number, timeMs: number): void {
    this.events.push({ after: this.count, call: 'logStart', scope, timeMs });
  }

  logStop(scope: number, timeMs: number): void {
    this.events.push({ after: this.count, call: 'logStop', scope, timeMs });
  }

  estimate(scope: number, timeMs: number, powerW: number): void {
    this.events.push({ after: this.count, call: 'estimate', scope, timeMs, powerW });
  }

  progress(record: ProgressRecord): void {
    this.events.push({ after: this.count, call: 'progress', record });
  }

  reject(reject: Reject): void {
    this.events.push({ after: this.count, call: 'reject', reject });
  }

  note(note: Note): void {
    this.events.push({ after: this.count, call: 'note', note });
  }

  /** What was noted since the last time. `spare` is taken to note down what comes next. */
  take(spare: Float64Array<ArrayBuffer> | null): SampleBatch {
    const { rows, count, numbers, events } = this;
    this.numbers = spare && spare.length > 0 ? spare : new Float64Array(FIRST_LENGTH);
    this.length = 0;
    this.rows = 0;
    this.count = 0;
    this.events = [];
    this.fields = null;
    return { rows, count, numbers, events };
  }
}

/** Says to a sink what a batch holds, in the order in which it was said. */
export function replay({ rows, count, numbers, events }: SampleBatch, sink: RecordSink): void {
  for (let row = 0; row < rows; row += 1) sink.row();
  let fields: readonly number[] = ALL_FIELDS;
  let said = 0;
  let at = 0;
  const samplesUpTo = (end: number): void => {
    const length = (end - said) * (SAMPLE_HEAD + fields.length);
    if (length === 0) return;
    const piece = numbers.subarray(at, at + length);
    if (sink.sampleRows) sink.sampleRows(piece, end - said, fields);
    else
      eachSample(piece, end - said, fields, (scope, timeMs, values) =>
        sink.sample(scope, timeMs, values, fields),
      );
    at += length;
    said = end;
  };
  for (const event of events) {
    samplesUpTo(event.after);
    if (event.call === 'fields') fields = event.fields;
    else sayTo(sink, event);
  }
  samplesUpTo(count);
}

function sayTo(sink: RecordSink, event: Exclude<SinkEvent, { call: 'fields' }>): void {
  if (event.call === 'scope') sink.scope(event.id, event.kind);
  else if (event.call === 'state') sink.state(event.scope, event.facts);
  else if (event.call === 'estimate') sink.estimate(event.scope, event.timeMs, event.powerW);
  else if (event.call === 'progress') sink.progress(event.record);
  else if (event.call === 'reject') sink.reject(event.reject);
  else if (event.call === 'note') sink.note(event.note);
  else sink[event.call](event.scope, event.timeMs);
}
