import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../functions/core/errors.ts';
import { DUCKDB, quoted } from '../functions/platform/lake/dialects.ts';
import { LAKE_TABLES, type LakeTable } from '../functions/platform/lake/tables.ts';
import { LAKE_VIEWS } from '../functions/platform/lake/views.ts';
import { type DuckdbConnection, loadDuckdb } from './duckdb.ts';

/** An answer, with numbers as numbers. */
export interface Answer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/** A row of Athena holds 32 MB; the evaluation of some 20,000 chips is as large. */
const LARGEST_FILE_BYTES = 2 ** 26;
const SAFE = { autoinstall_known_extensions: 'false', autoload_known_extensions: 'false' };
const DAY_LENGTH = 10;

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/** The lake of a store as a database in memory: the tables and views that Athena has, over the files as they lie. */
export class LakeConnection {
  private readonly connection: DuckdbConnection;
  private readonly readable: ReadonlySet<number>;
  readonly close: () => void;

  private constructor(connection: DuckdbConnection, readable: ReadonlySet<number>, close: () => void) {
    this.connection = connection;
    this.readable = readable;
    this.close = close;
  }

  /** @throws InputError where DuckDB or the lake is missing */
  static async open(store: string, duckdb: string | undefined): Promise<LakeConnection> {
    const { DuckDBInstance, StatementType } = loadDuckdb(duckdb);
    const lake = lakeOf(store);
    const instance = await DuckDBInstance.create(':memory:', SAFE);
    const connection = await instance.connect();
    await connection.run("set TimeZone = 'UTC'");
    for (const table of Object.values(LAKE_TABLES)) await connection.run(tableSql(lake, table));
    for (const { name, sql } of LAKE_VIEWS) await connection.run(`create view ${name} as ${sql(DUCKDB)}`);
    // A query sees the lake, and no other file and no network.
    await connection.run(`set allowed_directories = [${text(`${lake}/`)}]`);
    await connection.run('set enable_external_access = false');
    await connection.run('set lock_configuration = true');
    const readable = new Set([StatementType.SELECT, StatementType.EXPLAIN]);
    return new LakeConnection(connection, readable, () => instance.closeSync());
  }

  /** @throws InputError where it is not one statement that reads, or DuckDB refuses it */
  async ask(sql: string, values: readonly string[] = []): Promise<Answer> {
    try {
      const statements = await this.connection.extractStatements(sql);
      if (statements.count !== 1)
        throw new InputError('sql', `${statements.count} statements; expected one SELECT`);
      const statement = await statements.prepare(0);
      if (!this.readable.has(statement.statementType))
        throw new InputError('sql', 'a statement that changes something; expected a SELECT');
      if (statement.parameterCount !== values.length)
        throw new InputError(
          'sql',
          `${statement.parameterCount} parameters and ${values.length} values; expected as many`,
        );
      for (const [i, value] of values.entries()) statement.bindVarchar(i + 1, value);
      const result = await statement.runAndReadAll();
      const isDay = result.columnTypes().map((type) => type.toString() === 'DATE');
      return {
        columns: result.columnNames(),
        rows: result.getRowsJS().map((row) => row.map((cell, i) => plain(cell, isDay[i] === true))),
      };
    } catch (cause) {
      if (cause instanceof InputError) throw cause;
      throw new InputError('sql', (cause as Error).message.trim(), { cause });
    }
  }
}

/** A value as JSON has it: counts as numbers, times as text. */
function plain(value: unknown, isDay = false): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return isDay ? value.toISOString().slice(0, DAY_LENGTH) : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) return value.map((inner) => plain(inner));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}

function lakeOf(store: string): string {
  const folder = join(store, 'lake');
  if (!existsSync(folder))
    throw new InputError('folder', `${store}: no store; expected a folder that --out named, with lake in it`);
  const lake = realpathSync(folder);
  if (/[*?[\]]/.test(lake))
    throw new InputError('folder', `${lake}: DuckDB takes *, ?, [ and ] for patterns; expected none`);
  return lake;
}

/** Columns by name and type, over the files below a folder; without any file, no rows of these types. */
function tableSql(lake: string, table: LakeTable): string {
  const folder = join(lake, table.folder);
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  const hasFiles = files.some((file) => file.endsWith(`.${table.format}`));
  const { typeName } = DUCKDB;
  const partitions = table.partitions.map((p) => `regexp_extract(filename, '/${p}=([^/]+)/', 1) as ${p}`);
  const columns = table.columns.map(({ name }) => quoted(name));
  if (!hasFiles) {
    const none = [
      ...table.partitions.map((p) => `cast(null as varchar) as ${p}`),
      ...table.columns.map(({ name, type }) => `cast(null as ${typeName(type)}) as ${quoted(name)}`),
    ];
    return `create view ${table.name} as select ${none.join(', ')}, cast(null as varchar) as "$path" where false`;
  }
  const pattern = text(`${folder}/**/*.${table.format}`);
  const types = table.columns.map(({ name, type }) => `${quoted(name)}: ${text(typeName(type))}`);
  const options = 'filename = true, hive_partitioning = false';
  const from =
    table.format === 'json'
      ? `read_json(${pattern}, columns = {${types.join(', ')}}, maximum_object_size = ${LARGEST_FILE_BYTES}, ${options})`
      : `read_parquet(${pattern}, union_by_name = true, ${options})`;
  return `create view ${table.name} as select ${[...partitions, ...columns].join(', ')}, filename as "$path" from ${from}`;
}
