import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Names of what a folder store has in the works: parts of objects, and locks of keys. */
const UNFINISHED = /(?:\.part|^lock)$/;

/** Unfinished files below a folder. */
export async function leftoversIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    },
  );
  return entries
    .filter((entry) => entry.isFile() && UNFINISHED.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Removes them, where nobody else writes; how many there were. */
export async function removeLeftovers(folder: string): Promise<number> {
  const found = await leftoversIn(folder);
  for (const path of found) await rm(path, { force: true });
  return found.length;
}
