import { type Check, fail, ok, warn } from './check.ts';

/** What the machine is, as it was asked. */
export interface Machine {
  /** `24.21.0`. */
  readonly node: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Of the drive that stores are written to; null where the system does not say. */
  readonly freeBytes: number | null;
  readonly folder: string;
  readonly isWritable: boolean;
  /** null: installed; else why not. */
  readonly duckdb: string | null;
}

/** The runtime on Lambda, which reads TypeScript as it is. */
const NODE_MAJOR = 24;
/** The command line holds a run's readings as typed arrays, and works on one run at a time (docs/benchmarks.md). */
const LEAST_MEMORY_BYTES = 1e9;
const GOOD_MEMORY_BYTES = 2e9;
/** A day of a pilot of 64 chips is about as much (docs/scale.md). */
const LEAST_FREE_BYTES = 1e8;
const GOOD_FREE_BYTES = 2e9;

const gb = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

function nodeCheck(version: string): Check {
  const major = Number(version.split('.')[0]);
  if (major >= NODE_MAJOR) return ok('Node', version);
  return fail(
    'Node',
    version,
    `expected ${NODE_MAJOR} or newer: run npm ci in Wattline's folder, or install it`,
  );
}

function memoryCheck(bytes: number): Check {
  if (bytes >= GOOD_MEMORY_BYTES) return ok('memory', gb(bytes));
  const fix = `large runs may not fit: expected ${gb(GOOD_MEMORY_BYTES)} or more`;
  return bytes < LEAST_MEMORY_BYTES ? fail('memory', gb(bytes), fix) : warn('memory', gb(bytes), fix);
}

function diskCheck({ freeBytes, folder, isWritable }: Machine): Check {
  if (!isWritable)
    return fail(
      'disk',
      `${folder} cannot be written to`,
      'name another folder with --out, or mend its permissions',
    );
  if (freeBytes === null) return warn('disk', 'the system does not say what is free', 'look at it yourself');
  const found = `${gb(freeBytes)} free in ${folder}`;
  if (freeBytes >= GOOD_FREE_BYTES) return ok('disk', found);
  const fix = 'a store keeps a copy of every upload: free some space, or name another drive with --out';
  return freeBytes < LEAST_FREE_BYTES ? fail('disk', found, fix) : warn('disk', found, fix);
}

export const machineChecks = (machine: Machine): Check[] => [
  nodeCheck(machine.node),
  machine.cores > 1
    ? ok('cores', String(machine.cores))
    : warn('cores', '1', 'reading and writing take turns; nothing fails'),
  memoryCheck(machine.memoryBytes),
  diskCheck(machine),
  machine.duckdb === null
    ? ok('DuckDB', 'installed, for wattline sql')
    : warn('DuckDB', 'not installed; only wattline sql needs it', machine.duckdb),
];
