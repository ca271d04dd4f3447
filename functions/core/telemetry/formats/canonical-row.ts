import { InputError } from '../../errors.ts';
import { type Boundary, BoundarySchema } from '../boundary.ts';
import { type Fault, isNull, numberFault, numberIn } from '../cell.ts';
import { KINDS, POWER_LIMITS_W, RANGES } from '../plausible.ts';
import { type ProgressRecord, progressRecord } from '../progress.ts';
import { emptySample, FIELDS, type Field, POWER } from '../sample.ts';
import { type TimeReader, timeReaderFor } from '../time.ts';
import { placeOf } from './canonical-columns.ts';
import { timeFault, timeIn } from './canonical-values.ts';
import type { ReadContext, RecordSink, ScopeFacts } from './format.ts';

const SCOPE = placeOf('scope');
const KIND = placeOf('kind');
const BOUNDARY = placeOf('boundary');
const FIRST_FIELD = placeOf(FIELDS[0]);
const EVENT = placeOf('event');
const TEXT = placeOf('text');
const TOTALS = ['step', 'samples', 'tokens'] as const;
const PROGRESS_NUMBERS = [...TOTALS, 'loss', 'value'] as const;
const EVENTS: readonly string[] = ['run-start', 'run-stop', 'evaluation', 'step'];
const UNBOUNDED = [0, Number.POSITIVE_INFINITY] as const;

/** What the rows so far say of a scope. */
interface KnownScope {
  readonly index: number;
  readonly kind: ScopeFacts['kind'];
  readonly boundary: Boundary | null;
}

const isFault = (value: object | null): value is Fault => value !== null && 'reason' in value;

/** Reads rows of Wattline's own columns, however they are written down. A row is taken whole or not at all. */
export class CanonicalRowReader {
  private readonly values = emptySample();
  private readonly known = new Map<string, KnownScope>();
  readonly times: TimeReader;
  private readonly context: ReadContext;
  private readonly sink: RecordSink;

  constructor(context: ReadContext, sink: RecordSink) {
    this.context = context;
    this.sink = sink;
    this.times = timeReaderFor(context);
  }

  /** `cells` holds a text for each of CANONICAL_COLUMNS, blank where the row has none. */
  row(cells: readonly string[], line: number, raw: string): void {
    this.sink.row();
    const fault = this.read(cells);
    if (fault) this.sink.reject({ line, ...fault, raw });
  }

  private read(cells: readonly string[]): Fault | null {
    const timeMs = timeIn(cells, this.times);
    if (typeof timeMs !== 'number') return this.timeFault(timeMs, cells);
    const readings = this.readings(cells);
    if (typeof readings !== 'number') return readings;
    const progress = progressIn(cells, timeMs);
    if (isFault(progress)) return progress;
    if (readings === 0 && !progress)
      return { column: null, reason: 'no-reading', expected: 'a reading or progress in the row' };
    if (readings > 0) {
      const scope = this.scope(cells);
      if (isFault(scope)) return scope;
      this.sink.sample(scope.index, timeMs, this.values);
    }
    if (progress) this.sink.progress(progress);
    return null;
  }

  private timeFault(reason: string, cells: readonly string[]): Fault {
    const fault = timeFault(reason, cells, this.context.rule.timeZone);
    if (reason !== 'time-zone-missing') return fault;
    throw new InputError(
      reason,
      `${this.context.path}: the time ${JSON.stringify(cells[placeOf('time')])} has no zone; expected an offset in it, or a timeZone for the file in run.json`,
    );
  }

  /** Fills `values`, and says how many of them are readings. */
  private readings(cells: readonly string[]): number | Fault {
    let readings = 0;
    for (let i = 0; i < FIELDS.length; i += 1) {
      const value = numberIn(cells[FIRST_FIELD + i] as string);
      if (value === null) return numberFault(FIELDS[i] as Field);
      this.values[i] = value;
      if (Number.isNaN(value)) continue;
      const [low, high] = RANGES[FIELDS[i] as Field] ?? UNBOUNDED;
      if (value < low || value > high)
        return { column: FIELDS[i] as Field, reason: 'range', expected: `${low} to ${high}` };
      readings += 1;
    }
    return readings;
  }

  isNothing(text: string): boolean {
    return isNull(text);
  }

  /** Index of the scope that cells at the places of scope, kind and boundary name; -1 where none is known so. */
  scopeOf(cells: ReadonlyMap<number, string>): number {
    const known = this.known.get(cells.get(SCOPE) ?? '');
    const [kind, boundary] = [cells.get(KIND) ?? '', cells.get(BOUNDARY) ?? ''];
    const isSame =
      known !== undefined &&
      (kind === '' || kind === known.kind) &&
      (boundary === '' || boundary === known.boundary);
    return isSame ? known.index : -1;
  }

  /** The scope of a row, made known to the sink once every check of the row has passed. */
  private scope(cells: readonly string[]): KnownScope | Fault {
    const id = cells[SCOPE] as string;
    if (id === '') return { column: 'scope', reason: 'scope', expected: 'an id of what was read' };
    const known = this.known.get(id);
    const kind = (cells[KIND] || (known?.kind ?? 'chip')) as ScopeFacts['kind'];
    if (known ? kind !== known.kind : !KINDS.includes(kind))
      return { column: 'kind', reason: 'kind', expected: known?.kind ?? KINDS.join(', ') };
    const boundary = (cells[BOUNDARY] || (known?.boundary ?? null)) as Boundary | null;
    const stated = known?.boundary ?? null;
    if (boundary !== stated) {
      if (stated !== null) return { column: 'boundary', reason: 'boundary', expected: stated };
      if (!BoundarySchema.safeParse(boundary).success)
        return { column: 'boundary', reason: 'boundary', expected: BoundarySchema.options.join(', ') };
    }
    const limitW = POWER_LIMITS_W[kind];
    if ((this.values[POWER] as number) > limitW)
      return { column: FIELDS[POWER], reason: 'range', expected: `0 to ${limitW} for a ${kind}` };
    return this.accept(id, kind, boundary, known);
  }

  private accept(
    id: string,
    kind: ScopeFacts['kind'],
    boundary: Boundary | null,
    before: KnownScope | undefined,
  ): KnownScope {
    if (before && before.boundary === boundary) return before;
    const index = before?.index ?? this.sink.scope(id, kind);
    if (boundary !== null) this.sink.state(index, { boundary });
    const scope = { index, kind, boundary };
    this.known.set(id, scope);
    return scope;
  }
}

/** Whether any cell from `event` up to `text`, which alone says nothing, is filled. */
function mayHaveProgress(cells: readonly string[]): boolean {
  for (let i = EVENT; i < TEXT; i += 1) if (cells[i] !== '') return true;
  return false;
}

/** The progress in a row; null where there is none. */
function progressIn(cells: readonly string[], timeMs: number): ProgressRecord | Fault | null {
  if (!mayHaveProgress(cells)) return null;
  const event = cells[EVENT] as string;
  const numbers: Partial<Record<(typeof PROGRESS_NUMBERS)[number], number>> = {};
  for (const name of PROGRESS_NUMBERS) {
    const value = numberIn(cells[placeOf(name)] as string);
    if (value === null) return numberFault(name);
    if (!Number.isNaN(value)) numbers[name] = value;
  }
  if (event === '' && Object.keys(numbers).length === 0) return null;
  if (event !== '' && !EVENTS.includes(event))
    return { column: 'event', reason: 'event', expected: EVENTS.join(', ') };
  const negative = TOTALS.find((name) => (numbers[name] ?? 0) < 0);
  if (negative) return { column: negative, reason: 'range', expected: '0 or more' };
  const { step = null, samples = null, tokens = null, loss = null, value = null } = numbers;
  const text = cells[TEXT] as string;
  return progressRecord({
    kind: (event || 'step') as ProgressRecord['kind'],
    timeMs,
    key: value === null && loss !== null ? 'loss' : null,
    step,
    samples,
    tokens,
    value: value ?? loss,
    text: isNull(text) ? null : text,
  });
}
