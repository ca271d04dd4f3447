import type { RecordSink } from './formats/format.ts';
import { rangeOf } from './plausible.ts';
import { FIELDS, type Field } from './sample.ts';
import { eachSample, SAMPLE_HEAD } from './samples.ts';
import { ScopeKeys } from './scope-keys.ts';
import { StampScanner } from './stamp-scan.ts';
import type { ColumnPlan, RowTarget, TablePlan } from './table-plan.ts';
import type { TimeReader } from './time.ts';
import type { Scale } from './units.ts';

/**
 * The hot half of reading tables: rows straight from bytes, in one forward scan, without a string or an object a
 * row. What it gives up for that is generality: it takes a row only if every cell is plain (a decimal number with
 * at most the usual unit behind it, a known time form, a scope that was seen before, a text that stood in the cell
 * above) and stops at any other, which is then read as text by `TableRowReader`. Both ways give the same samples;
 * test/telemetry/table-scan.test.ts compares them on generated tables. It reads about six times as fast as text does
 * (docs/benchmarks.md).
 */
const LF = 10;
const CR = 13;
const BLANK = 32;
const QUOTE = 34;
const MINUS = 45;
const DOT = 46;
const ZERO = 48;
const NINE = 57;
/** Digits that a double holds exactly, so that a quotient by a power of ten is rounded once, as by `Number`. */
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = Float64Array.from({ length: EXACT_DIGITS + 1 }, (_, i) => 10 ** i);
/** Rows that are handed on at once: a call each would cost as much as half of their sums. */
const BATCH_ROWS = 512;
/** A longer cell is not plain. */
const CELL_LIMIT = 256;

const SKIP = 0;
const TIME = 1;
const SCOPE = 2;
const READING = 3;
const PROGRESS = 4;
const TEXT = 5;

/** What the scanner needs of whoever reads rows as text. */
export interface TableRows {
  /** One row, from trimmed cells. */
  row(cells: readonly string[], line: number, raw: string): void;
  /** Index of the scope that scope cells name; -1 where none was taken from a row yet. */
  scopeOf(parts: readonly string[]): number;
  /** Whether a text means that there is no reading. */
  isNothing(text: string): boolean;
  readonly times: TimeReader | null;
}

/** A column as the scan sees it. */
interface ScanColumn {
  readonly role: number;
  readonly field: number;
  readonly scale: Scale;
  readonly low: number;
  readonly high: number;
  readonly sentinels: readonly number[];
  /** Units that may stand behind the numbers; the one in the cell above, and its scale. */
  readonly suffixes: ReadonlyMap<string, Scale> | null;
  suffix: Uint8Array;
  suffixScale: Scale;
  readonly read: ((text: string, row: RowTarget) => unknown) | null;
  /** Text columns and blanks: the bytes of the cell above, and what they are. */
  known: Uint8Array;
  text: string;
  isNothing: boolean;
}

const NOTHING = new Uint8Array(0);
const utf8 = new TextDecoder();
const SI_SCALE: Scale = { multiply: 1, divide: 1 };
const FIELD_INDEX: ReadonlyMap<Field, number> = new Map(FIELDS.map((field, i) => [field, i]));

function scanColumn(column: ColumnPlan, plan: TablePlan): ScanColumn {
  const blank: ScanColumn = {
    role: SKIP,
    field: 0,
    scale: SI_SCALE,
    low: 0,
    high: 0,
    sentinels: [],
    suffixes: null,
    suffix: NOTHING,
    suffixScale: SI_SCALE,
    read: null,
    known: NOTHING,
    text: '',
    isNothing: true,
  };
  if (column.role === 'time') return { ...blank, role: TIME };
  if (column.role === 'scope') return { ...blank, role: SCOPE };
  if (column.role === 'progress') return { ...blank, role: PROGRESS };
  if (column.role === 'text') return { ...blank, role: TEXT, read: column.read };
  if (column.role !== 'reading') return blank;
  const [low, high] = rangeOf(column.field, plan.kind);
  return {
    ...blank,
    role: READING,
    field: FIELD_INDEX.get(column.field) as number,
    scale: column.scale,
    low,
    high,
    sentinels: column.sentinels ?? [],
    suffixes: column.suffixes ?? null,
  };
}

/** Whether rows by this plan can be plain: one scope a row, one time column or a clock. */
export function isScannable(plan: TablePlan, delimiter: string): boolean {
  const roles = plan.columns.map((c) => c.role);
  const isWide = plan.columns.some((c) => c.role === 'reading' && c.scope !== undefined);
  const times = roles.filter((r) => r === 'time').length;
  return (
    delimiter.length === 1 &&
    delimiter !== ' ' &&
    !isWide &&
    !roles.includes('metric') &&
    plan.pollTimeMs === undefined &&
    (times === 1 || (times === 0 && plan.clock !== undefined)) &&
    plan.isRagged !== true
  );
}

/** Reads the plain rows of a table by one plan. */
export class TableScanner {
  /** Lines that were taken. */
  lines = 0;
  private readonly columns: readonly ScanColumn[];
  private readonly fields: readonly number[];
  private readonly keys: ScopeKeys;
  private readonly stamps: StampScanner | null;
  private readonly clock: TablePlan['clock'];
  private readonly delimiter: number;
  private readonly rows: TableRows;
  private readonly sink: RecordSink;
  private readonly rowIndex: { next: number };
  private readonly target: RowTarget;
  private readonly hasText: boolean;
  /** Several columns may set one field, so that a blank one must not unset it. */
  private readonly mustClear: boolean;
  /** Samples that were taken and not handed on yet, as `RecordSink.sampleRows` has them. */
  private readonly numbers: Float64Array;
  private readonly stride: number;
  private filled = 0;
  /** What the inner loop asks of every column, side by side. */
  private readonly roles: Uint8Array;
  private readonly placeOf: Uint8Array;
  /** Lowest and highest reading. */
  private readonly limits: Float64Array;
  /** 1 where numbers are scaled, or some mean nothing. */
  private readonly isSpecial: Uint8Array;

  constructor(
    plan: TablePlan,
    delimiter: string,
    { rows, sink, rowIndex }: { rows: TableRows; sink: RecordSink; rowIndex: { next: number } },
  ) {
    this.columns = plan.columns.map((column) => scanColumn(column, plan));
    this.delimiter = delimiter.charCodeAt(0);
    this.rows = rows;
    this.sink = sink;
    this.rowIndex = rowIndex;
    this.clock = plan.clock;
    this.hasText = this.columns.some((c) => c.role === TEXT);
    const read = this.columns.filter((c) => c.role === READING).map((c) => c.field);
    this.fields = this.hasText ? FIELDS.map((_, i) => i) : [...new Set(read)].sort((a, b) => a - b);
    this.mustClear = this.hasText || new Set(read).size < read.length;
    this.roles = Uint8Array.from(this.columns, (c) => c.role);
    this.placeOf = Uint8Array.from(
      this.columns,
      (c) => SAMPLE_HEAD + Math.max(this.fields.indexOf(c.field), 0),
    );
    this.stride = SAMPLE_HEAD + this.fields.length;
    this.numbers = new Float64Array(BATCH_ROWS * this.stride);
    this.limits = Float64Array.from(this.columns.flatMap((c) => [c.low, c.high]));
    this.isSpecial = Uint8Array.from(this.columns, ({ scale, sentinels }) =>
      scale.multiply === 1 && scale.divide === 1 && sentinels.length === 0 ? 0 : 1,
    );
    this.keys = new ScopeKeys((parts) => rows.scopeOf(parts));
    const time = plan.columns.find((c) => c.role === 'time');
    this.stamps = time && rows.times ? StampScanner.for(time.form, rows.times) : null;
    const { numbers, stride } = this;
    const at = (field: Field): number =>
      this.filled * stride + SAMPLE_HEAD + (FIELD_INDEX.get(field) as number);
    this.target = {
      set: (field, value) => {
        numbers[at(field)] = value;
      },
      get: (field) => numbers[at(field)] as number,
    };
  }

  /**
   * Takes plain rows from `bytes`, whose lines all end within from..to, and gives the place of the first line that
   * is not plain; `to` where all were.
   */
  scan(bytes: Uint8Array, from: number, to: number): number {
    const { columns, delimiter, numbers, keys, stamps, mustClear, stride } = this;
    const { roles, placeOf, limits, isSpecial } = this;
    const last = columns.length - 1;
    if (this.clock === undefined && !stamps) return from;
    let at = from;
    while (at < to) {
      if (this.filled === BATCH_ROWS) this.flush();
      const row = this.filled * stride;
      let i = at;
      let timeMs = Number.NaN;
      let readings = 0;
      let isPlain = true;
      if (mustClear) numbers.fill(Number.NaN, row, row + stride);
      keys.begin();
      for (let c = 0; c <= last; c += 1) {
        const role = roles[c];
        let code = bytes[i] as number;
        if (role === READING) {
          // The plainest of all first, an unsigned number that fills its cell: nine of ten cells are no more.
          if (code >= ZERO && code <= NINE) {
            const first = i;
            let number = 0;
            do {
              number = number * 10 + (code - ZERO);
              i += 1;
              code = bytes[i] as number;
            } while (code >= ZERO && code <= NINE);
            if (code === DOT) {
              i += 1;
              code = bytes[i] as number;
              const point = i;
              let fraction = 0;
              while (code >= ZERO && code <= NINE) {
                fraction = fraction * 10 + (code - ZERO);
                i += 1;
                code = bytes[i] as number;
              }
              const unit = POWERS_OF_TEN[Math.min(i - point, EXACT_DIGITS)] as number;
              number = (number * unit + fraction) / unit;
            }
            if (
              code === (c < last ? delimiter : LF) &&
              i - first <= EXACT_DIGITS &&
              isSpecial[c] === 0 &&
              number >= (limits[2 * c] as number) &&
              number <= (limits[2 * c + 1] as number)
            ) {
              numbers[row + (placeOf[c] as number)] = number;
              readings += 1;
              i += 1;
              continue;
            }
            i = first;
            code = bytes[i] as number;
          }
          while (code === BLANK) {
            i += 1;
            code = bytes[i] as number;
          }
          const start = i;
          const isNegative = code === MINUS;
          if (isNegative) {
            i += 1;
            code = bytes[i] as number;
          }
          const first = i;
          let value = 0;
          while (code >= ZERO && code <= NINE) {
            value = value * 10 + (code - ZERO);
            i += 1;
            code = bytes[i] as number;
          }
          let digits = i - first;
          if (code === DOT) {
            i += 1;
            code = bytes[i] as number;
            const point = i;
            let small = 0;
            while (code >= ZERO && code <= NINE) {
              small = small * 10 + (code - ZERO);
              i += 1;
              code = bytes[i] as number;
            }
            digits += i - point;
            if (digits > EXACT_DIGITS) {
              isPlain = false;
              break;
            }
            const unit = POWERS_OF_TEN[i - point] as number;
            value = (value * unit + small) / unit;
          }
          while (code === BLANK) {
            i += 1;
            code = bytes[i] as number;
          }
          if (digits === 0) {
            // Blank, or a spelling of nothing: as in the cell above, or as the text says.
            if (code !== delimiter && code !== LF && code !== CR) {
              i = this.nothing(columns[c] as ScanColumn, bytes, start);
              if (i < 0) {
                isPlain = false;
                break;
              }
            } else if (isNegative) {
              isPlain = false;
              break;
            }
            if (!mustClear) numbers[row + (placeOf[c] as number)] = Number.NaN;
          } else {
            if (digits > EXACT_DIGITS) {
              isPlain = false;
              break;
            }
            if (isNegative) value = -value;
            let isSentinel = false;
            if (code !== delimiter && code !== LF && code !== CR) {
              const column = columns[c] as ScanColumn;
              isSentinel = column.sentinels.includes(value);
              i = this.suffixEnd(column, bytes, i);
              if (i < 0) {
                isPlain = false;
                break;
              }
              value = (value * column.suffixScale.multiply) / column.suffixScale.divide;
            } else if (isSpecial[c] === 1) {
              const { scale, sentinels } = columns[c] as ScanColumn;
              isSentinel = sentinels.includes(value);
              value = (value * scale.multiply) / scale.divide;
            }
            if (isSentinel) {
              if (!mustClear) numbers[row + (placeOf[c] as number)] = Number.NaN;
            } else {
              if (value < (limits[2 * c] as number) || value > (limits[2 * c + 1] as number)) {
                isPlain = false;
                break;
              }
              numbers[row + (placeOf[c] as number)] = value;
              readings += 1;
            }
          }
        } else if (role === TIME) {
          while (bytes[i] === BLANK) i += 1;
          timeMs = (stamps as StampScanner).read(bytes, i);
          i = (stamps as StampScanner).end;
          if (Number.isNaN(timeMs)) {
            isPlain = false;
            break;
          }
        } else if (role === SCOPE) {
          i = keys.part(bytes, i, delimiter);
          if (i < 0) {
            isPlain = false;
            break;
          }
        } else if (role === SKIP) {
          while (code !== delimiter && code !== LF && code !== CR) {
            if (code === QUOTE) break;
            i += 1;
            code = bytes[i] as number;
          }
        } else if (role === TEXT) {
          const column = columns[c] as ScanColumn;
          i = this.textEnd(column, bytes, i);
          if (i < 0) {
            isPlain = false;
            break;
          }
          if (!column.isNothing && column.read?.(column.text, this.target) !== null) {
            isPlain = false;
            break;
          }
        }
        // Progress columns are plain where they are blank: then this is their end, as it is of any cell.
        code = bytes[i] as number;
        if (c < last ? code !== delimiter : code !== LF && !(code === CR && bytes[i + 1] === LF)) {
          isPlain = false;
          break;
        }
        i += 1;
      }
      if (isPlain && this.hasText && readings === 0) readings = this.readingsAt(row);
      const scope = isPlain && readings > 0 ? keys.scope() : -1;
      if (scope < 0) break;
      if (this.clock) timeMs = this.clock.startMs + this.rowIndex.next * this.clock.periodMs;
      this.rowIndex.next += 1;
      this.lines += 1;
      numbers[row] = scope;
      numbers[row + 1] = timeMs;
      this.filled += 1;
      at = bytes[i] === LF && bytes[i - 1] === CR ? i + 1 : i;
    }
    this.flush();
    return at;
  }

  /** Hands on what was taken: before any other row is read, so that all stays in order. */
  private flush(): void {
    const { sink, numbers, filled, fields } = this;
    this.filled = 0;
    for (let row = 0; row < filled; row += 1) sink.row();
    if (sink.sampleRows) sink.sampleRows(numbers, filled, fields);
    else
      eachSample(numbers, filled, fields, (scope, timeMs, values) =>
        sink.sample(scope, timeMs, values, fields),
      );
  }

  private readingsAt(row: number): number {
    let readings = 0;
    for (let k = SAMPLE_HEAD; k < this.stride; k += 1)
      if (!Number.isNaN(this.numbers[row + k] as number)) readings += 1;
    return readings;
  }

  /** End of a reading's cell that holds no number but a spelling of nothing; -1 where it holds something else. */
  private nothing(column: ScanColumn, bytes: Uint8Array, start: number): number {
    const end = this.textEnd(column, bytes, start);
    return end >= 0 && column.isNothing ? end : -1;
  }

  /** End of a cell of text, which `column` then knows; -1 where it is not plain. */
  private textEnd(column: ScanColumn, bytes: Uint8Array, start: number): number {
    const { known } = column;
    let i = start;
    while (i - start < known.length && bytes[i] === known[i - start]) i += 1;
    const isEnd = bytes[i] === this.delimiter || bytes[i] === LF || bytes[i] === CR;
    if (i - start === known.length && isEnd && known !== NOTHING) return i;
    let code = bytes[i] as number;
    while (code !== this.delimiter && code !== LF && code !== CR) {
      if (code === QUOTE || i - start >= CELL_LIMIT) return -1;
      i += 1;
      code = bytes[i] as number;
    }
    column.known = bytes.slice(start, i);
    column.text = utf8.decode(column.known).trim();
    column.isNothing = this.rows.isNothing(column.text);
    return i;
  }

  /** End of a cell that ends in a unit, which `column` then knows; -1 where it ends in something else. */
  private suffixEnd(column: ScanColumn, bytes: Uint8Array, start: number): number {
    const { suffix, suffixes } = column;
    if (!suffixes) return -1;
    let i = start;
    while (i - start < suffix.length && bytes[i] === suffix[i - start]) i += 1;
    const isKnown = i - start === suffix.length && suffix !== NOTHING;
    while (isKnown && bytes[i] === BLANK) i += 1;
    const code = bytes[i] as number;
    if (isKnown && (code === this.delimiter || code === LF || code === CR)) return i;
    return this.takeSuffix(column, suffixes, bytes, start);
  }

  private takeSuffix(
    column: ScanColumn,
    suffixes: ReadonlyMap<string, Scale>,
    bytes: Uint8Array,
    start: number,
  ): number {
    let end = start;
    for (let code = bytes[end]; code !== this.delimiter && code !== LF && code !== CR; code = bytes[end]) {
      if (code === QUOTE || end - start >= CELL_LIMIT) return -1;
      end += 1;
    }
    const text = utf8.decode(bytes.subarray(start, end)).trimEnd();
    const scale = suffixes.get(text);
    if (text === '' || !scale) return -1;
    column.suffix = new TextEncoder().encode(text);
    column.suffixScale = scale;
    return end;
  }

  /** To be told after a row that was not plain has been read as text: its scope is known from then on. */
  learn(): void {
    this.keys.learn();
  }
}
