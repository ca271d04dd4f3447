import type { Note, RecordSink, Reject, ScopeFacts, ScopeKind } from './formats/format.ts';
import type { ProgressRecord } from './progress.ts';
import { emptySample } from './sample.ts';
import { ALL_FIELDS } from './segment-fold.ts';

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
  readonly samples: number;
  /** Scope, time and the values of the fields in force, sample after sample. */
  readonly numbers: Float64Array<ArrayBuffer>;
  readonly events: readonly SinkEvent[];
}

const FIRST_LENGTH = 65_536;
const HEAD = 2;

/** A sink that notes down what it is told. */
export class BatchSink implements RecordSink {
  private numbers = new Float64Array(FIRST_LENGTH);
  private length = 0;
  private rows = 0;
  private samples = 0;
  private events: SinkEvent[] = [];
  private fields: readonly number[] | null = null;
  private readonly indices = new Map<string, number>();

  scope(id: string, kind: ScopeKind): number {
    const known = this.indices.get(id);
    if (known !== undefined) return known;
    const index = this.indices.size;
    this.indices.set(id, index);
    this.events.push({ after: this.samples, call: 'scope', id, kind });
    return index;
  }

  sample(scope: number, timeMs: number, values: Float64Array, fields: readonly number[] = ALL_FIELDS): void {
    if (fields !== this.fields) {
      this.fields = fields;
      this.events.push({ after: this.samples, call: 'fields', fields });
    }
    if (this.length + HEAD + fields.length > this.numbers.length) this.grow();
    const { numbers } = this;
    let at = this.length;
    numbers[at] = scope;
    numbers[at + 1] = timeMs;
    at += HEAD;
    for (let k = 0; k < fields.length; k += 1) numbers[at + k] = values[fields[k] as number] as number;
    this.length = at + fields.length;
    this.samples += 1;
  }

  private grow(): void {
    const longer = new Float64Array(this.numbers.length * 2);
    longer.set(this.numbers);
    this.numbers = longer;
  }

  row(): void {
    this.rows += 1;
  }

  state(scope: number, facts: Partial<ScopeFacts>): void {
    this.events.push({ after: this.samples, call: 'state', scope, facts });
  }

  logStart(scope: number, timeMs: number): void {
    this.events.push({ after: this.samples, call: 'logStart', scope, timeMs });
  }

  logStop(scope: number, timeMs: number): void {
    this.events.push({ after: this.samples, call: 'logStop', scope, timeMs });
  }

  estimate(scope: number, timeMs: number, powerW: number): void {
    this.events.push({ after: this.samples, call: 'estimate', scope, timeMs, powerW });
  }

  progress(record: ProgressRecord): void {
    this.events.push({ after: this.samples, call: 'progress', record });
  }

  reject(reject: Reject): void {
    this.events.push({ after: this.samples, call: 'reject', reject });
  }

  note(note: Note): void {
    this.events.push({ after: this.samples, call: 'note', note });
  }

  /** What was noted since the last time. `spare` is taken to note down what comes next. */
  take(spare: Float64Array<ArrayBuffer> | null): SampleBatch {
    const { rows, samples, numbers, events } = this;
    this.numbers = spare && spare.length > 0 ? spare : new Float64Array(FIRST_LENGTH);
    this.length = 0;
    this.rows = 0;
    this.samples = 0;
    this.events = [];
    this.fields = null;
    return { rows, samples, numbers, events };
  }
}

/** Says to a sink what batches hold, in the order in which it was said. One object for the life of a file. */
export class BatchReplay {
  private readonly values = emptySample();
  private readonly sink: RecordSink;

  constructor(sink: RecordSink) {
    this.sink = sink;
  }

  batch({ rows, samples, numbers, events }: SampleBatch): void {
    let fields: readonly number[] = ALL_FIELDS;
    let next = 0;
    let at = 0;
    for (let row = 0; row < rows; row += 1) this.sink.row();
    for (let sample = 0; sample <= samples; sample += 1) {
      for (; next < events.length && (events[next] as SinkEvent).after === sample; next += 1) {
        const event = events[next] as SinkEvent;
        if (event.call === 'fields') {
          fields = event.fields;
          this.values.fill(Number.NaN);
        } else this.event(event);
      }
      if (sample === samples) break;
      for (let k = 0; k < fields.length; k += 1)
        this.values[fields[k] as number] = numbers[at + HEAD + k] as number;
      this.sink.sample(numbers[at] as number, numbers[at + 1] as number, this.values, fields);
      at += HEAD + fields.length;
    }
  }

  private event(event: Exclude<SinkEvent, { call: 'fields' }>): void {
    const { sink } = this;
    if (event.call === 'scope') sink.scope(event.id, event.kind);
    else if (event.call === 'state') sink.state(event.scope, event.facts);
    else if (event.call === 'estimate') sink.estimate(event.scope, event.timeMs, event.powerW);
    else if (event.call === 'progress') sink.progress(event.record);
    else if (event.call === 'reject') sink.reject(event.reject);
    else if (event.call === 'note') sink.note(event.note);
    else sink[event.call](event.scope, event.timeMs);
  }
}
