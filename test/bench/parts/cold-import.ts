import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { MEMORY_ENVIRONMENT } from '../../../infra/memory-environment.ts';
import type { Bench } from '../bench.ts';
import { bundle } from '../bundle.ts';
import type { Section } from '../section.ts';

const REPETITIONS = 5;
const INGEST_LIMIT_MS = 300;
const INGEST_LIMIT_KB = 900;
const FUNCTIONS = fileURLToPath(new URL('../../../functions', import.meta.url));

/** Bundled as infra/monitored-function.ts has it; test/infra/bundles.test.ts looks at what is deployed itself. */
const bundled = (name: string, folder: string): Promise<string> =>
  bundle(join(FUNCTIONS, name, 'handler.ts'), join(folder, `cold-${name}.mjs`));

/**
 * Loads a bundle until it asks for its environment, which is the last thing that it does before it makes its clients,
 * and says how long that took, ms.
 *
 * @throws Error where it failed at anything else.
 */
function importMs(path: string): number {
  const script = `const begin = performance.now(); let code = 'none';
try { await import(${JSON.stringify(pathToFileURL(path).href)}); } catch (error) { code = error.code; }
console.log(JSON.stringify({ ms: performance.now() - begin, code }));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    env: { AWS_REGION: 'us-east-1', PATH: process.env.PATH ?? '', ...MEMORY_ENVIRONMENT },
  });
  const { ms, code } = JSON.parse(stdout || '{}') as { ms?: number; code?: string };
  if (ms === undefined || code !== 'environment')
    throw new Error(
      `${path}: loading it ended with ${code}; expected the environment to be asked for\n${stderr}`,
    );
  return ms;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;

/** What of a cold start is ours: each function's bundle loaded in a fresh process. */
export async function coldImport(bench: Bench): Promise<Section> {
  const names = readdirSync(FUNCTIONS).filter((name) =>
    readdirSync(join(FUNCTIONS, name)).includes('handler.ts'),
  );
  const results: { name: string; kb: number; ms: number }[] = [];
  for (const name of names) {
    process.stderr.write(`  ${name} ...`);
    const path = await bundled(name, bench.folder);
    const ms = median(Array.from({ length: REPETITIONS }, () => importMs(path)));
    results.push({ name, kb: statSync(path).size / 1e3, ms });
    process.stderr.write(` ${ms.toFixed(0)} ms\n`);
  }
  const ingest = results.find(({ name }) => name === 'ingest');
  return {
    title: 'Loading of the functions, in a fresh process',
    columns: ['function', 'bundle', 'import'],
    rows: results.map(({ name, kb, ms }) => [name, `${kb.toFixed(0)} kB`, `${ms.toFixed(0)} ms`]),
    notes: [
      `Medians of ${REPETITIONS}, on this machine: reading, compiling and running a bundle until it asks for its environment. The start of Node and of Lambda's own runtime comes on top.`,
    ],
    targets: ingest
      ? [
          { what: 'ingest, import of its bundle', reached: ingest.ms, atMost: INGEST_LIMIT_MS, unit: ' ms' },
          { what: 'ingest, size of its bundle', reached: ingest.kb, atMost: INGEST_LIMIT_KB, unit: ' kB' },
        ]
      : [],
    failures: ingest ? [] : ['there is no function ingest'],
  };
}
