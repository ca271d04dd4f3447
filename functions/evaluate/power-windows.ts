import { grown } from '../core/telemetry/grown.ts';

/** Rows that were read together, as they are in the file. */
interface PowerGroup {
  readonly fromMs: Float64Array;
  readonly toMs: Float64Array;
  readonly joules: Float64Array;
  readonly maxIntervalMs: Float64Array;
  /** Row of the same scope's window before: of this group or an earlier one; -1: none. */
  readonly before: Float64Array;
  readonly firstRow: number;
}

/**
 * Power of all scopes of a source, window by window. The columns stay as they were read, and each row says where the
 * scope's row before it is: an array for every scope costs more than all else that is done with them.
 */
export class PowerRows {
  private readonly groups: PowerGroup[] = [];
  private rows = 0;
  /** By scope: its last row so far, and how many it has. */
  private last = new Float64Array(0);
  private counts = new Float64Array(0);

  begin(columns: Omit<PowerGroup, 'before' | 'firstRow'>, rows: number, scopes: number): Float64Array {
    const before = new Float64Array(rows).fill(-1);
    this.groups.push({ ...columns, before, firstRow: this.rows });
    this.rows += rows;
    if (scopes > this.last.length) {
      this.last = grown(this.last, 2 * scopes);
      this.counts = grown(this.counts, 2 * scopes);
    }
    return before;
  }

  /** Row `row` of the group begun last is of this scope. */
  push(scope: number, row: number, before: Float64Array): void {
    const count = this.counts[scope] as number;
    const isFirst = Number.isNaN(count);
    before[row] = isFirst ? -1 : (this.last[scope] as number);
    this.last[scope] = this.rows - before.length + row;
    this.counts[scope] = isFirst ? 1 : count + 1;
  }

  of(scope: number): PowerWindows {
    const count = this.counts[scope] ?? Number.NaN;
    return new PowerWindows(this.groups, this.last[scope] ?? -1, Number.isNaN(count) ? 0 : count);
  }
}

/** Power of one scope, window by window. */
export class PowerWindows {
  readonly count: number;
  private readonly groups: readonly PowerGroup[];
  private readonly last: number;

  constructor(groups: readonly PowerGroup[], last: number, count: number) {
    this.groups = groups;
    this.last = last;
    this.count = count;
  }

  /** Visits, in time order, every window that lasts and has no interval longer than `limitMs`, with its mean power. */
  visit(limitMs: number, visitor: (fromMs: number, toMs: number, meanW: number) => void): void {
    const rows = this.chain();
    for (let i = 0; i < rows.length; i += 1) {
      const group = this.groups[rows[i] as number] as PowerGroup;
      i += 1;
      const row = rows[i] as number;
      const [fromMs, toMs] = [group.fromMs[row] as number, group.toMs[row] as number];
      if ((group.maxIntervalMs[row] as number) > limitMs || toMs <= fromMs) continue;
      visitor(fromMs, toMs, (group.joules[row] as number) / ((toMs - fromMs) / 1000));
    }
  }

  /** Group and row of each window, first one first. */
  private chain(): Int32Array {
    const found = new Int32Array(2 * this.count);
    let row = this.last;
    let group = this.groups.length - 1;
    for (let i = this.count - 1; i >= 0; i -= 1) {
      while ((this.groups[group] as PowerGroup).firstRow > row) group -= 1;
      const { firstRow, before } = this.groups[group] as PowerGroup;
      found[2 * i] = group;
      found[2 * i + 1] = row - firstRow;
      row = before[row - firstRow] as number;
    }
    return found;
  }
}
