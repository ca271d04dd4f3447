import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, createZstdCompress } from 'node:zlib';
import { type Contender, duckdb, wattline } from './contender.ts';
import type { DuckdbJob } from './contenders/duckdb.ts';
import { type Fleet, fleetCsv, pieces } from './generate.ts';

/** Rows that the CSV has to reject, below what refuses a file. */
const BAD_ROWS = 40;
const CHIPS = 1_000;
const GZIP_LEVEL = 6;

/** What all parts share: sizes, and files that are made once, in a folder that is removed at the end. */
export class Bench {
  readonly rows: number;
  readonly repetitions: number;
  readonly isQuick: boolean;
  readonly folder: string;
  /** Our contender's bundle. */
  readonly bundle: string;
  readonly #duckdb: string | null;

  constructor(options: {
    rows: number;
    repetitions: number;
    isQuick: boolean;
    folder: string;
    bundle: string;
    /** Folder of an installed DuckDB; null where there is none for this machine. */
    duckdb: string | null;
  }) {
    this.#duckdb = options.duckdb;
    this.bundle = options.bundle;
    this.rows = options.rows;
    this.repetitions = options.repetitions;
    this.isQuick = options.isQuick;
    this.folder = options.folder;
    mkdirSync(this.lakes);
  }

  get lakes(): string {
    return this.path('lakes');
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  fleet(rows = this.rows): Fleet {
    return { rows, chips: CHIPS, badRows: BAD_ROWS };
  }

  /** Path of the fleet's CSV. */
  fleetFile(): Promise<string> {
    return this.file('fleet.csv', () => pieces(fleetCsv(this.fleet())));
  }

  /** Ours, over a file of this bench. */
  ours(name: string, path: string, upload: string, rule: Parameters<typeof wattline>[2]['rule']): Contender {
    return wattline(name, this.bundle, { input: { path }, name: upload, rule, lakes: this.lakes });
  }

  get hasDuckdb(): boolean {
    return this.#duckdb !== null;
  }

  /** DuckDB at a job. @throws Error where it could not be installed. */
  duckdb(name: string, job: DuckdbJob): Contender {
    if (this.#duckdb === null) throw new Error(`${name}: DuckDB could not be installed on this machine`);
    return duckdb(name, { ...job, installed: this.#duckdb });
  }

  /** Path of a file with this text, made where it is not there yet. */
  async file(name: string, text: () => Iterable<string>): Promise<string> {
    const path = this.path(name);
    if (existsSync(path)) return path;
    process.stderr.write(`  making ${name}\n`);
    await pipeline(Readable.from(text()), createWriteStream(path));
    return path;
  }

  async compressed(path: string, codec: 'gzip' | 'zstd'): Promise<string> {
    const made = `${path}.${codec === 'gzip' ? 'gz' : 'zst'}`;
    process.stderr.write(`  compressing with ${codec}\n`);
    const engine = codec === 'gzip' ? createGzip({ level: GZIP_LEVEL }) : createZstdCompress();
    await pipeline(createReadStream(path), engine, createWriteStream(made));
    return made;
  }
}

export const sizeOf = (path: string): number => statSync(path).size;

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}
