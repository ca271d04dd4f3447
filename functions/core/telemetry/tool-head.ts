import { isNull } from './cell.ts';
import { splitCells } from './cells.ts';

/** The name in a column's header, and its unit: `power.draw [W]`. */
export interface ColumnName {
  readonly key: string;
  readonly unit: string | null;
}

/** A column's name as it is compared, and the unit in brackets behind it. */
export function columnName(header: string): ColumnName {
  const at = header.lastIndexOf('[');
  if (at <= 0 || !header.endsWith(']')) return { key: header.trim().toLowerCase(), unit: null };
  return { key: header.slice(0, at).trim().toLowerCase(), unit: header.slice(at + 1, -1).trim() };
}

/** What the first rows of a table hold. A tool prints columns that its device does not fill. */
export class TableHead {
  private readonly filled = new Map<string, number>();
  private readonly firsts = new Map<string, string>();
  private readonly nulls: ReadonlySet<string>;

  constructor(
    lines: readonly string[],
    header: (cells: readonly string[]) => boolean,
    columns: readonly string[] | undefined,
    nulls: ReadonlySet<string>,
  ) {
    this.nulls = nulls;
    let names = columns ?? [];
    for (const line of lines) {
      const cells = splitCells(line) ?? [];
      if (header(cells)) names = cells;
      else if (cells.length === names.length) this.row(names, cells);
    }
  }

  private row(names: readonly string[], cells: readonly string[]): void {
    for (const [i, cell] of cells.entries()) {
      if (isNull(cell) || this.nulls.has(cell.toLowerCase())) continue;
      const { key } = columnName(names[i] as string);
      this.filled.set(key, this.count(key) + 1);
      if (!this.firsts.has(key)) this.firsts.set(key, cell);
    }
  }

  /** How many of the rows hold something in this column. */
  count(key: string): number {
    return this.filled.get(key) ?? 0;
  }

  first(key: string): string | null {
    return this.firsts.get(key) ?? null;
  }

  /** Of these columns the one that most of the rows fill; of equals the first; undefined where there is none. */
  fullest(keys: readonly string[]): string | undefined {
    const most = Math.max(...keys.map((key) => this.count(key)));
    return keys.find((key) => this.count(key) === most);
  }
}
