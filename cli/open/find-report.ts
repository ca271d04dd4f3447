import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../functions/core/errors.ts';
import { isFolder } from '../run-files.ts';

const OUT = 'out';

const foldersIn = (folder: string): string[] =>
  isFolder(folder)
    ? readdirSync(folder)
        .map((name) => join(folder, name))
        .filter(isFolder)
    : [];

/** Reports of decisions, and that of a set which `wattline evaluate --out` writes. */
function reportsOf(store: string): string[] {
  const nights = foldersIn(join(store, 'reports', 'programs')).flatMap(foldersIn);
  return [...nights, store].map((folder) => join(folder, 'report.html')).filter((path) => existsSync(path));
}

const indexOf = (store: string): string[] =>
  [join(store, 'reports', 'index.html')].filter((path) => existsSync(path));

/**
 * The newest page of a store, or of every store below out/.
 *
 * @throws InputError where there is none
 */
export function findPage(what: 'report' | 'store', store: string | undefined): string {
  if (store !== undefined && !isFolder(store))
    throw new InputError('folder', `${store}: no such folder; expected one that --out of a command named`);
  const stores = store === undefined ? foldersIn(OUT) : [store];
  const pages = stores.flatMap(what === 'report' ? reportsOf : indexOf);
  const newest = pages
    .map((path) => ({ path, at: statSync(path).mtimeMs }))
    .sort((a, b) => b.at - a.at || (a.path < b.path ? 1 : -1))[0];
  if (newest) return newest.path;
  throw new InputError(
    'no-report',
    `no ${what === 'report' ? 'report' : 'page of a store'} in ${store ?? `${OUT}/*`}; wattline demo writes one, wattline decide <store> that of a store of yours`,
  );
}
