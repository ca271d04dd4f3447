import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Bundles one of our contenders as functions are bundled for Lambda: what is measured is what is deployed. */
export async function bundleInto(folder: string, contender = 'wattline'): Promise<string> {
  const outfile = join(folder, `${contender}.mjs`);
  await build({
    entryPoints: [fileURLToPath(new URL(`./contenders/${contender}.ts`, import.meta.url))],
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
