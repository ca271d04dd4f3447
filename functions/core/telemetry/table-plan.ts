import type { Boundary } from './boundary.ts';
import type { Fault } from './cell.ts';
import type { ScopeKind } from './formats/format.ts';
import type { TimeForm } from './mapping.ts';
import type { ProgressRecord } from './progress.ts';
import type { Field } from './sample.ts';
import type { Scale } from './units.ts';

/** Columns of progress that a table may hold, as properties of a record; all are numbers. */
export type ProgressColumn =
  | 'step'
  | 'samples'
  | 'tokens'
  | 'realTokens'
  | 'stepMs'
  | 'skippedSteps'
  | 'tokensPerSecondPerChip'
  | 'tflopsPerChip'
  | 'mfuRatio'
  | 'value';

export interface ReadingPlan {
  readonly field: Field;
  /** From the number as it stands, without a unit behind it, to SI. */
  readonly scale: Scale;
  /** Units that may stand behind the number (`631.95 W`), with their scales. */
  readonly suffixes?: ReadonlyMap<string, Scale>;
  /** Numbers as they stand in the file that mean "no reading". */
  readonly sentinels?: readonly number[];
}

/** Sets fields of the row that is being read. */
export interface RowTarget {
  set(field: Field, value: number): void;
  /** What the row holds so far; NaN where that is nothing. */
  get(field: Field): number;
}

/** What a column of a table is. */
export type ColumnPlan =
  | { readonly role: 'skip' }
  | { readonly role: 'time'; readonly form: TimeForm }
  /** A part of the scope's id. */
  | { readonly role: 'scope' }
  | ({ readonly role: 'reading' /** Wide tables: the scope's id. */; readonly scope?: string } & ReadingPlan)
  /** Long tables: the name of the row's metric, and its value. */
  | { readonly role: 'metric' }
  | { readonly role: 'metric-value' }
  | { readonly role: 'progress'; readonly property: ProgressColumn; readonly scale?: Scale }
  /** Anything else: reads the trimmed text of a cell that is not blank. Slower than the other roles. */
  | { readonly role: 'text'; readonly read: (text: string, row: RowTarget) => Fault | null };

/** How the rows of a table are read. */
export interface TablePlan {
  /** Names of the columns, for messages; as many as a row has cells. */
  readonly names: readonly string[];
  /** What each column is, by place. */
  readonly columns: readonly ColumnPlan[];
  /** Places of the columns whose texts, joined by blanks, are the time; absent: the one column of that role. */
  readonly timeColumns?: readonly number[];
  readonly kind: ScopeKind;
  /** What the power readings cover, where the format itself fixes it; stated of every scope. */
  readonly boundary?: Boundary;
  /** Id of a row's scope from the texts of its scope columns; null where they name none. Absent: joined by `/`. */
  readonly scopeId?: (parts: readonly string[]) => string | null;
  /** Long tables: what each metric is; rows of other metrics are passed over. */
  readonly metrics?: ReadonlyMap<string, ReadingPlan>;
  /** Further spellings of "no reading", in lower case. */
  readonly nulls?: ReadonlySet<string>;
  /** Tables without a time column: the n-th row (from 0) is of startMs + n * periodMs. */
  readonly clock?: { readonly startMs: number; readonly periodMs: number };
  /** Tables without a time column of which every poll prints a row a scope: time of the next row of this one. */
  readonly pollTimeMs?: (scopeId: string) => number;
  /** What `value` of a progress record is, for instance `loss`. */
  readonly progressKey?: string;
  /** Events of progress rows without a time, where the table has progress columns. */
  readonly progressKind?: ProgressRecord['kind'];
  /** Rows may have fewer or more cells than the header: what is missing is blank, what is over is not read. */
  readonly isRagged?: boolean;
}
