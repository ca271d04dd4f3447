import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import * as z from 'zod';
import { InputError } from '../../functions/core/errors.ts';
import { parseJson } from '../../functions/platform/landing.ts';
import { isFolder } from '../run-files.ts';
import type { Stamp } from './settling.ts';

const INDEX = 'watched.json';

/** What a store remembers of the folder that it is kept current with, so that a later watch reads only what is new. */
const IndexSchema = z.strictObject({
  schema: z.literal('wattline/watched@1'),
  folder: z.string(),
  files: z.record(z.string(), z.string()),
});

export interface WatchPlace {
  /** What is watched. */
  readonly folder: string;
  /** Where landing, lake and reports are kept. */
  readonly store: string;
}

/**
 * The folder to watch and its store. A store itself is watched at its landing, and kept where it is; another folder
 * gets a store of its own.
 *
 * @throws InputError where there is no folder, or the store belongs to another one
 */
export function watchPlace(given: string, out: string | undefined): WatchPlace {
  if (!isFolder(given))
    throw new InputError(
      'folder',
      `${given}: no such folder; expected one with <program>/<run>/... in it (wattline init makes one)`,
    );
  if (isFolder(join(given, 'landing'))) {
    if (out !== undefined && resolve(out) !== resolve(given))
      throw new InputError('usage', `--out ${out}: ${given} is a store itself; expected no --out`);
    return { folder: join(given, 'landing'), store: given };
  }
  const store = out ?? join('out', basename(resolve(given)));
  if (`${resolve(store)}/`.startsWith(`${resolve(given)}/`))
    throw new InputError(
      'usage',
      `--out ${store}: it lies in the folder that is watched; expected another place`,
    );
  const index = readIndex(store);
  if (index ? index.folder !== resolve(given) : existsSync(join(store, 'landing')))
    throw new InputError(
      'out',
      `${store}: it holds the store of ${index?.folder ?? 'another command'}, and files that are not in ${given} would be deleted from it; expected --out with a new folder`,
    );
  return { folder: given, store };
}

function readIndex(store: string): z.infer<typeof IndexSchema> | null {
  const path = join(store, INDEX);
  return existsSync(path) ? parseJson(IndexSchema, readFileSync(path, 'utf8'), path) : null;
}

export const knownFiles = (store: string): ReadonlyMap<string, Stamp> =>
  new Map(Object.entries(readIndex(store)?.files ?? {}));

export function rememberFiles({ folder, store }: WatchPlace, files: ReadonlyMap<string, Stamp>): void {
  mkdirSync(store, { recursive: true });
  const index = {
    schema: 'wattline/watched@1',
    folder: resolve(folder),
    files: Object.fromEntries(files),
  } satisfies z.infer<typeof IndexSchema>;
  const path = join(store, INDEX);
  writeFileSync(`${path}.part`, JSON.stringify(index));
  renameSync(`${path}.part`, path);
}
