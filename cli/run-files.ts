import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { RunManifest } from '../functions/core/telemetry/manifest.ts';

/** One run as it will lie in the landing bucket: its manifest, and each file with its path below the run. */
export interface RunUpload {
  readonly manifest: RunManifest;
  readonly files: readonly { readonly path: string; readonly source: string }[];
}

/** All files below a folder, in order, with `/` between the parts of their paths. Hidden ones are left out. */
export function filesBelow(folder: string): string[] {
  const found: string[] = [];
  const walk = (at: string): void => {
    for (const name of readdirSync(at).sort()) {
      if (name.startsWith('.')) continue;
      const path = join(at, name);
      if (statSync(path).isDirectory()) walk(path);
      else found.push(relative(folder, path).split(sep).join('/'));
    }
  };
  walk(folder);
  return found;
}

export const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();
