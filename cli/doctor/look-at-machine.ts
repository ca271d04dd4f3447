import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';
import { DUCKDB_FOLDER, loadDuckdb } from '../duckdb.ts';
import type { Machine } from './machine.ts';

/** A folder that is there: the one named, or the nearest above it. */
function nearestFolder(path: string): string {
  const at = resolve(path);
  return existsSync(at) || dirname(at) === at ? at : nearestFolder(dirname(at));
}

function duckdb(): string | null {
  try {
    loadDuckdb(process.env[DUCKDB_FOLDER]);
    return null;
  } catch (error) {
    return (error as Error).message.replace(/^.*?: run /, 'run ');
  }
}

function freeBytes(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** This machine; of its memory what the process may use, which in a container is less. */
export function lookAtMachine(out: string): Machine {
  const folder = nearestFolder(out);
  const limit = process.constrainedMemory();
  return {
    node: process.versions.node,
    cores: availableParallelism(),
    memoryBytes: limit > 0 && limit < totalmem() ? limit : totalmem(),
    freeBytes: freeBytes(folder),
    folder,
    isWritable: isWritable(folder),
    duckdb: duckdb(),
  };
}
