import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Bench, sizeOf } from '../bench.ts';
import { compare } from '../compare.ts';
import { alternate, python, type Result } from '../contender.ts';
import { COST_COLUMNS, costRow, ratioRow, type Section } from '../section.ts';

const run = promisify(execFile);
const LIBRARIES = [
  { name: 'pandas', script: 'pandas_job.py', packages: ['pandas==3.1.1', 'pyarrow==26.0.1'] },
  { name: 'polars', script: 'polars_job.py', packages: ['polars==2.1.0'] },
];
const TITLE = 'CSV, beside data frames of Python';

/** Path of a Python that has the libraries, in an environment that is thrown away; null where they cannot be had. */
async function interpreter(bench: Bench): Promise<{ path: string; version: string } | null> {
  const folder = bench.path('venv');
  const packages = LIBRARIES.flatMap((library) => library.packages);
  process.stderr.write(`  installing ${packages.join(', ')}\n`);
  try {
    await run('python3', ['-m', 'venv', folder]);
    await run(`${folder}/bin/python`, [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      ...packages,
    ]);
    const { stdout } = await run(`${folder}/bin/python`, ['--version']);
    return { path: `${folder}/bin/python`, version: stdout.trim() };
  } catch (error) {
    process.stderr.write(`  skipped: ${(error as Error).message}\n`);
    return null;
  }
}

/** The job of `csv.ts` as pandas and polars do it, without the ledger. */
export async function dataframes(bench: Bench): Promise<Section> {
  const found = await interpreter(bench);
  if (!found)
    return {
      title: TITLE,
      columns: [],
      rows: [],
      notes: ['Skipped: there is no python3 that pandas and polars can be installed for.'],
      targets: [],
      failures: [],
    };
  const csv = await bench.fleetFile();
  const outputs = LIBRARIES.map(({ name }) => bench.path(`${name}.parquet`));
  const [ours, ...theirs] = (await alternate(
    [
      bench.ours('Wattline ingest', csv, 'fleet.csv', { boundary: 'chip' }),
      ...LIBRARIES.map(({ name, script }, i) =>
        python(name, found.path, script, { csv, parquet: outputs[i] }),
      ),
    ],
    bench.repetitions,
  )) as [Result, ...Result[]];
  const compared = [];
  for (const [i, { name }] of theirs.entries())
    compared.push(await compare(bench, ours, { name, parquet: outputs[i] as string, hasLedger: false }));
  return {
    title: TITLE,
    columns: COST_COLUMNS,
    rows: [
      ...[ours, ...theirs].map((result) => costRow(result, sizeOf(csv))),
      ...theirs.map((result) => ratioRow(`Wattline / ${result.name}`, ours, result)),
    ],
    notes: [
      `The file of the first table; ${found.version}, ${LIBRARIES.flatMap((library) => library.packages).join(', ')}. They leave out the ledger of interval lengths and the list of rejected rows.`,
      ...compared.map(({ note }) => note),
    ],
    targets: [],
    failures: compared.flatMap(({ failures }) => failures),
  };
}
