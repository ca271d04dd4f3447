import { createRequire } from 'node:module';
import { join } from 'node:path';
import { difference } from '../difference-sql.ts';
import { plainJob, quoted, sameJob } from '../duckdb-sql.ts';
import { argumentsOf, measured } from './measured.ts';

export type DuckdbJob =
  | { readonly job: 'version' }
  | { readonly job: 'same' | 'plain'; readonly csv: string; readonly parquet: string; readonly spill: string }
  | { readonly job: 'compare'; readonly ours: string; readonly theirs: string; readonly hasLedger: boolean };

/** A job, and the folder into which DuckDB was installed. */
export type DuckdbArguments = DuckdbJob & { readonly installed: string };

/** What is used of `@duckdb/node-api`. */
interface DuckdbModule {
  readonly DuckDBInstance: {
    create(path: string, options: { threads: string }): Promise<{ connect(): Promise<Connection> }>;
  };
}
interface Connection {
  run(sql: string): Promise<{ getRowObjectsJS(): Promise<Record<string, unknown>[]> }>;
}

const THREADS = '2';
const task = argumentsOf<DuckdbArguments>();
const { DuckDBInstance } = createRequire(join(task.installed, 'package.json'))(
  '@duckdb/node-api',
) as DuckdbModule;

async function run(): Promise<Record<string, unknown>> {
  const instance = await DuckDBInstance.create(':memory:', { threads: THREADS });
  const connection = await instance.connect();
  const rowOf = async (sql: string): Promise<Record<string, unknown>> =>
    (await (await connection.run(sql)).getRowObjectsJS())[0] ?? {};
  if (task.job === 'version') return rowOf('SELECT version() AS version');
  if (task.job === 'compare') return rowOf(difference(task.ours, task.theirs, task.hasLedger));
  // Order of the output does not matter to us, and costs memory.
  await connection.run('SET preserve_insertion_order = false');
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run(`SET temp_directory = ${quoted(task.spill)}`);
  await connection.run((task.job === 'same' ? sameJob : plainJob)(task.csv, task.parquet));
  return rowOf('SELECT count(*)::DOUBLE AS rejected FROM reject_errors');
}

await measured(run);
