import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { sha256 } from '../functions/platform/hash.ts';
import type { Stores } from './pipeline.ts';

/** Every file below a folder, in order, but for side folders. */
function* filesBelow(folder: string): Generator<string> {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) yield path;
  }
}

/**
 * Uploads what somebody has put into the landing folder by hand: files that the store does not know, or that are no
 * longer what it knows. Returns how many.
 */
export async function adoptFiles(landing: Stores['landing'], folder: string): Promise<number> {
  let adopted = 0;
  for (const path of filesBelow(folder)) {
    const key = relative(folder, path).split(sep).join('/');
    const known = await landing.head(key);
    const isKnown =
      known !== null &&
      known.sizeBytes === statSync(path).size &&
      // Version ids of a folder end in the hash of what they hold.
      known.version.endsWith(sha256(readFileSync(path)).slice(0, VERSION_HASH_DIGITS));
    if (isKnown) continue;
    await landing.put(key, readFileSync(path));
    adopted += 1;
  }
  return adopted;
}

const VERSION_HASH_DIGITS = 16;
