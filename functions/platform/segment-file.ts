import type { ClosedWindows } from '../core/telemetry/closed-windows.ts';
import { GROUP_ROWS, NUMBER_COLUMNS, SegmentTable } from '../core/telemetry/segment-table.ts';
import type { Upload } from './object-store.ts';
import {
  type FileColumn,
  flagPage,
  numberPage,
  type Page,
  ParquetFile,
  textColumnPage,
  textPage,
} from './parquet-file.ts';

const COLUMNS: readonly FileColumn[] = [
  { name: 'scope', type: 'text' },
  { name: 'power_w_ledger', type: 'text' },
  { name: 'first_is_cut', type: 'flag' },
  { name: 'last_is_cut', type: 'flag' },
  ...NUMBER_COLUMNS.map((name): FileColumn => ({ name, type: 'number' })),
];

/**
 * Writes the segments of one source as they come, a row group at a time, so that memory does not grow with the
 * file.
 */
export class SegmentFileWriter {
  private readonly file: ParquetFile;
  private table = new SegmentTable();
  /** Tables that were written: to be filled again, as what they hold is large. */
  private readonly spares: SegmentTable[] = [];
  private work: Promise<void> = Promise.resolve();
  private groups = 0;
  private failure: unknown = null;
  private readonly upload: Upload;

  constructor(upload: Upload) {
    this.upload = upload;
    this.file = new ParquetFile(COLUMNS, (bytes) => upload.write(bytes));
  }

  add(scope: string, closed: ClosedWindows): void {
    this.table.add(scope, closed);
    // A group may run over by the rows of one sample: one a field at most.
    if (this.table.rows >= GROUP_ROWS - ROWS_A_SAMPLE) this.flush();
  }

  get isEmpty(): boolean {
    return this.table.rows === 0 && this.file.rows === 0 && this.groups === 0;
  }

  /** Resolves when another group may be begun: one may be under way while the next is filled. */
  async ready(): Promise<void> {
    if (this.groups > 1) await this.work;
    if (this.failure) throw this.failure;
  }

  private flush(): void {
    const { table } = this;
    this.table = this.spares.pop() ?? new SegmentTable();
    this.groups += 1;
    this.work = this.work
      .then(() => (this.failure ? undefined : this.group(table)))
      .catch((error: unknown) => {
        this.failure ??= error;
      })
      .finally(() => {
        this.groups -= 1;
      });
  }

  private async group(table: SegmentTable): Promise<void> {
    await this.file.group(table.rows, pagesOf(table));
    table.clear();
    this.spares.push(table);
  }

  /** Writes what is left and the footer, and completes the object. */
  async finish(): Promise<void> {
    if (this.table.rows > 0) this.flush();
    await this.work;
    if (this.failure) throw this.failure;
    await this.file.finish();
    await this.upload.finish();
  }

  async abort(): Promise<void> {
    await this.work;
    await this.upload.abort();
  }
}

const ROWS_A_SAMPLE = 64;

/** In the order of `COLUMNS`, each when it is asked for: all at once they would be as large as the table. */
function* pagesOf(table: SegmentTable): Generator<Page> {
  yield textPage(table.scopes);
  yield textColumnPage(table.ledgers);
  yield flagPage(table.firstIsCut);
  yield flagPage(table.lastIsCut);
  for (let i = 0; i < NUMBER_COLUMNS.length; i += 1) yield numberPage(table.column(i), table.rows);
}
