import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InputError } from '../functions/core/errors.ts';

/**
 * Not a dependency, as its builds are optional packages of one platform each, which not every registry holds, and a
 * lock file that lacks one of them fails `npm ci` everywhere.
 */
const PACKAGE = '@duckdb/node-api';
const VERSION = '1.5.6-r.1';
/** Folder that DuckDB was installed below, where that is not Wattline's own. */
export const DUCKDB_FOLDER = 'WATTLINE_DUCKDB';

/** What is used of it. */
interface DuckdbModule {
  readonly DuckDBInstance: {
    create(path: string, options: Readonly<Record<string, string>>): Promise<DuckdbInstance>;
  };
  readonly StatementType: { readonly SELECT: number; readonly EXPLAIN: number };
}
interface DuckdbInstance {
  connect(): Promise<DuckdbConnection>;
  closeSync(): void;
}
export interface DuckdbConnection {
  run(sql: string): Promise<unknown>;
  extractStatements(sql: string): Promise<{
    readonly count: number;
    prepare(index: number): Promise<DuckdbStatement>;
  }>;
}
export interface DuckdbStatement {
  readonly statementType: number;
  readonly parameterCount: number;
  bindVarchar(index: number, value: string): void;
  runAndReadAll(): Promise<{
    columnNames(): string[];
    columnTypes(): readonly { toString(): string }[];
    getRowsJS(): unknown[][];
  }>;
}

/** DuckDB from the folder that the environment names, else from where Wattline's own packages lie. */
export function loadDuckdb(folder: string | undefined): DuckdbModule {
  const from = folder === undefined ? import.meta.url : pathToFileURL(join(folder, 'package.json'));
  try {
    return createRequire(from)(PACKAGE) as DuckdbModule;
  } catch (cause) {
    const where =
      folder === undefined
        ? 'with Wattline'
        : `below ${folder}${existsSync(folder) ? '' : ' (no such folder)'}`;
    throw new InputError(
      'duckdb-missing',
      `wattline sql needs DuckDB, which is not installed ${where}: run npm install --no-save ${PACKAGE}@${VERSION} in Wattline's folder, or install it anywhere else and name that folder in ${DUCKDB_FOLDER}`,
      { cause },
    );
  }
}
