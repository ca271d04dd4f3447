import { InputError } from '../../errors.ts';

/** What a file may claim before anything is allocated by it. Beyond lies no telemetry, or a file made to hurt. */

/** Of a file that cannot be read in parts and must be held whole. */
export const WHOLE_FILE_LIMIT_BYTES = 256 * 2 ** 20;
export const FOOTER_LIMIT_BYTES = 16 * 2 ** 20;
/** DuckDB writes 122,880 rows a group, Arrow 1,048,576. */
export const GROUP_LIMIT_ROWS = 4 * 2 ** 20;
/** Of the columns of one row group that are read, decompressed. */
export const GROUP_LIMIT_BYTES = 512 * 2 ** 20;
/** Writers aim at 1 MiB a page; a dictionary may be a few. */
export const PAGE_LIMIT_BYTES = 64 * 2 ** 20;

/** Where a file is damaged: at its ends, in its footer, or in its columns. */
type Damage = 'parquet-magic' | 'parquet-footer' | 'parquet-corrupt';

/** The file is damaged, or none; `cause` says where a reader stopped. */
export const damaged = (code: Damage, path: string, what: string, cause?: unknown): InputError =>
  new InputError(code, `${path}: ${what}; expected a whole Parquet file`, { cause });

export const tooLarge = (path: string, what: string, found: number, limit: number): InputError =>
  new InputError('parquet-too-large', `${path}: ${what} claims ${found}; expected at most ${limit}`);
