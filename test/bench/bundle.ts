import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const DRIVER = fileURLToPath(new URL('./contenders/wattline.ts', import.meta.url));

/** Bundles our contender as functions are bundled for Lambda: what is measured is what is deployed. */
export async function bundleInto(folder: string): Promise<string> {
  const outfile = join(folder, 'wattline.mjs');
  await build({
    entryPoints: [DRIVER],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    mainFields: ['module', 'main'],
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    logLevel: 'error',
  });
  return outfile;
}
