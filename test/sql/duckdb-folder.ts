import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { DUCKDB_FOLDER } from '../../cli/duckdb.ts';
import { installDuckdb } from '../bench/install-duckdb.ts';

/** Beside the tools of other tests, which are installed once for a checkout. */
const CACHE = resolve(import.meta.dirname, '../../.venv/sql');

function isUsable(folder: string): boolean {
  try {
    createRequire(join(folder, 'package.json')).resolve('@duckdb/node-api');
    return true;
  } catch {
    return false;
  }
}

/** Folder that DuckDB is installed below: the one that is named, else installed now; null where it cannot be had. */
export async function duckdbFolder(): Promise<string | null> {
  const named = process.env[DUCKDB_FOLDER];
  if (named !== undefined) return named;
  const installed = join(CACHE, 'duckdb');
  if (isUsable(installed)) return installed;
  mkdirSync(CACHE, { recursive: true });
  const work = mkdtempSync(join(CACHE, 'installing-'));
  try {
    const folder = await installDuckdb(work);
    if (folder === null) return null;
    // Another test may have been faster; both are the same.
    if (!existsSync(installed)) renameSync(folder, installed);
    return installed;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
