import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * Not a development dependency: its builds are optional packages of one platform each, which not every registry
 * holds, and a lock file that lacks one of them fails `npm ci` everywhere.
 */
const PACKAGE = '@duckdb/node-api@1.5.6-r.1';

/** Installs DuckDB below a folder. Returns where; null, with a line that says why, where there is no build. */
export async function installDuckdb(folder: string): Promise<string | null> {
  const installed = join(folder, 'duckdb');
  process.stderr.write(`installing ${PACKAGE}\n`);
  try {
    await mkdir(installed);
    await writeFile(join(installed, 'package.json'), '{ "private": true }\n');
    await promisify(execFile)('npm', ['install', '--prefix', installed, '--no-audit', '--no-fund', PACKAGE]);
    return installed;
  } catch (error) {
    process.stderr.write(`  skipped: ${(error as Error).message}\n`);
    return null;
  }
}
