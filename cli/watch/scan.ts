import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Stamp } from './settling.ts';

/** Names that copying tools give to what is not complete yet. Hidden files are left out as well (rsync's are). */
const UNFINISHED = /(?:\.(?:tmp|temp|part|partial|filepart|crdownload|swp)|~)$/i;
/** Asked for together: a file system over a network answers each by itself. */
const AT_ONCE = 64;

export const stampOf = ({ size, mtimeMs, ino }: Pick<Stats, 'size' | 'mtimeMs' | 'ino'>): Stamp =>
  `${size}:${mtimeMs}:${ino}`;

const isMissing = (error: unknown): boolean => {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
};

async function namesBelow(folder: string, prefix: string, found: string[]): Promise<void> {
  let entries: Awaited<ReturnType<typeof entriesOf>>;
  try {
    entries = await entriesOf(folder);
  } catch (error) {
    // A folder below that was deleted meanwhile; the watched one itself must be there.
    if (prefix !== '' && isMissing(error)) return;
    throw error;
  }
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const key = `${prefix}${entry.name}`;
    if (entry.isDirectory()) await namesBelow(join(folder, entry.name), `${key}/`, found);
    else if (!UNFINISHED.test(entry.name)) found.push(key);
  }
}

const entriesOf = (folder: string) => readdir(folder, { withFileTypes: true });

/** Every file below a folder with its stamp, by path with `/`, in order. No file is opened. */
export async function scan(folder: string): Promise<Map<string, Stamp>> {
  const keys: string[] = [];
  await namesBelow(folder, '', keys);
  keys.sort();
  const listing = new Map<string, Stamp>();
  for (let i = 0; i < keys.length; i += AT_ONCE) {
    const part = keys.slice(i, i + AT_ONCE);
    const stats = await Promise.all(
      part.map((key) =>
        stat(join(folder, key)).catch((error: unknown) => {
          if (isMissing(error)) return null;
          throw error;
        }),
      ),
    );
    for (const [j, s] of stats.entries()) if (s?.isFile()) listing.set(part[j] as string, stampOf(s));
  }
  return listing;
}
