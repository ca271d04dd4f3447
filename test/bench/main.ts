import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Bench } from './bench.ts';
import { bundleInto } from './bundle.ts';
import { runOnce } from './contender.ts';
import { writeResults } from './document.ts';
import { installDuckdb } from './install-duckdb.ts';
import { bootstrap } from './parts/bootstrap.ts';
import { coldImport } from './parts/cold-import.ts';
import { compressed } from './parts/compressed.ts';
import { csv } from './parts/csv.ts';
import { dataframes } from './parts/dataframes.ts';
import { evaluateRuns } from './parts/evaluate.ts';
import { formats } from './parts/formats.ts';
import { memory } from './parts/memory.ts';
import { markdown, type Section } from './section.ts';

const PARTS: ReadonlyMap<string, (bench: Bench) => Promise<Section>> = new Map([
  ['csv', csv],
  ['compressed', compressed],
  ['memory', memory],
  ['formats', formats],
  ['dataframes', dataframes],
  ['evaluate', evaluateRuns],
  ['bootstrap', bootstrap],
  ['cold', coldImport],
]);
const ROWS = 4_000_000;
const QUICK_ROWS = 200_000;
const REPETITIONS = 3;

const HELP = `npm run bench -- [options]

Measures ingest beside DuckDB, decompression alone, pandas and polars, the evaluation of a run and the bootstrap, each
in a process of its own, and prints the results as Markdown. A whole run (without the options below) also writes them to docs/benchmarks.md.

  --quick        ${QUICK_ROWS} rows, one repetition, small inputs: to see that it works
  --rows N       rows of the CSV (${ROWS})
  --repeat N     repetitions, of which medians are taken (${REPETITIONS})
  --only PART    one of ${[...PARTS.keys()].join(', ')}; may be given again
  --help         this text
`;

interface Options {
  readonly rows: number;
  readonly repetitions: number;
  readonly isQuick: boolean;
  readonly parts: readonly string[];
  /** Nothing was left out or made smaller. */
  readonly isWhole: boolean;
}

/** A whole number above zero. @throws Error naming the option. */
function countOf(text: string, option: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1)
    throw new Error(`${option} ${text}: expected a whole number above 0`);
  return count;
}

/** Options of the command line; null where only help was asked for. */
function options(): Options | null {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      rows: { type: 'string' },
      repeat: { type: 'string' },
      only: { type: 'string', multiple: true },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const unknown = values.only?.find((part) => !PARTS.has(part));
  if (unknown !== undefined)
    throw new Error(`--only ${unknown}: expected one of ${[...PARTS.keys()].join(', ')}`);
  const { quick: isQuick, rows, repeat, only } = values;
  return {
    rows: rows === undefined ? (isQuick ? QUICK_ROWS : ROWS) : countOf(rows, '--rows'),
    repetitions: repeat === undefined ? (isQuick ? 1 : REPETITIONS) : countOf(repeat, '--repeat'),
    isQuick,
    parts: only ?? [...PARTS.keys()],
    isWhole: !isQuick && rows === undefined && repeat === undefined && only === undefined,
  };
}

/** What the numbers were measured with; without a date, so that a repeated run changes numbers only. */
async function header(bench: Bench): Promise<string[]> {
  const version = bench.hasDuckdb
    ? String((await runOnce(bench.duckdb('DuckDB, version', { job: 'version' }))).made.version)
    : 'not there';
  const [cpu] = cpus();
  return [
    `Node ${process.version}, DuckDB ${version} (2 threads), ${cpu?.model.trim()}, ${cpus().length} cores, ` +
      `${Math.round(totalmem() / 2 ** 30)} GiB of memory, ${process.platform}. ${bench.repetitions === 1 ? 'One run of each' : `Medians of ${bench.repetitions}`}.`,
  ];
}

/** A part that fails does not take the results of the others with it. */
async function sectionOf(part: string, bench: Bench): Promise<Section> {
  try {
    return await (PARTS.get(part) as (bench: Bench) => Promise<Section>)(bench);
  } catch (error) {
    const { message } = error as Error;
    process.stderr.write(`\n${message}\n`);
    const failures = [message.split('\n', 1)[0] as string];
    return { title: part, columns: [], rows: [], notes: [], targets: [], failures };
  }
}

async function main(): Promise<void> {
  const chosen = options();
  if (!chosen) {
    process.stdout.write(HELP);
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'wattline-bench-'));
  process.once('SIGINT', () => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(130);
  });
  try {
    const bench = new Bench({
      ...chosen,
      folder,
      bundle: await bundleInto(folder),
      duckdb: await installDuckdb(folder),
    });
    const head = await header(bench);
    const sections: Section[] = [];
    for (const part of chosen.parts) {
      process.stderr.write(`${part}\n`);
      sections.push(await sectionOf(part, bench));
    }
    const results = markdown(head, sections);
    process.stdout.write(results);
    if (sections.some(({ failures }) => failures.length > 0)) process.exitCode = 1;
    else if (chosen.isWhole) await writeResults('benchmarks.md', 'npm run bench', results);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`\n${(error as Error).message}\n`);
  process.exitCode = 1;
}
