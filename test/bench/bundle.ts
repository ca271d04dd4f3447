import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { BUNDLING } from '../../infra/bundling.ts';

/** Bundles an entry as functions are bundled for Lambda: what is measured is what is deployed. */
export async function bundle(entry: string, outfile: string): Promise<string> {
  await build({
    entryPoints: [entry],
    outfile,
    logLevel: 'error',
    ...BUNDLING,
  });
  return outfile;
}

/** One of our contenders. */
export const bundleInto = (folder: string, contender = 'wattline'): Promise<string> =>
  bundle(
    fileURLToPath(new URL(`./contenders/${contender}.ts`, import.meta.url)),
    join(folder, `${contender}.mjs`),
  );
