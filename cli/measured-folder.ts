import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { InputError } from '../functions/core/errors.ts';
import type { RunReadings } from '../functions/core/measured/measured-baseline.ts';
import {
  MeasuredManifestSchema,
  type MeasuredSet,
  MeasuredSetSchema,
} from '../functions/core/measured/measured-set.ts';
import { type Column, type Series, seriesOf } from '../functions/core/measured/series.ts';
import { sha256 } from '../functions/platform/hash.ts';
import { parseJson } from '../functions/platform/landing.ts';
import { filesBelow, isFolder } from './run-files.ts';

/** Where measured baselines are kept; each folder in it that has a set.json is one. */
export const MEASURED = join(import.meta.dirname, '../data/baselines/measured');
const SET = 'set.json';
const MANIFEST = 'manifest.json';

/** Names of the measured baselines that are packaged. */
export const packagedSets = (folder = MEASURED): string[] =>
  readdirSync(folder)
    .sort()
    .filter((name) => existsSync(join(folder, name, SET)));

export const readSet = (folder: string): MeasuredSet =>
  parseJson(MeasuredSetSchema, readFileSync(join(folder, SET), 'utf8'), join(folder, SET));

/**
 * The folder of a measured set that a user names: a path, or the name of a packaged one.
 *
 * @throws InputError `measured-set` where there is none.
 */
export function setFolder(named: string): string {
  const packaged = basename(named) === named ? [join(MEASURED, named)] : [];
  for (const folder of [resolve(named), ...packaged]) if (existsSync(join(folder, SET))) return folder;
  const known = packagedSets().join(', ') || 'none is packaged yet';
  const why = isFolder(named) ? `there is no ${SET} in it` : 'no such folder';
  throw new InputError(
    'measured-set',
    `${named}: ${why}; expected a folder of data/baselines/measured/capture.sh, or the name of a packaged set (${known})`,
  );
}

/**
 * Every file against the manifest: none is missing, none is another one, none is beside it.
 *
 * @throws InputError `measured-manifest` naming the file.
 */
export function checkManifest(folder: string): { readonly files: number; readonly totalBytes: number } {
  const path = join(folder, MANIFEST);
  if (!existsSync(path))
    throw new InputError('measured-manifest', `${path}: no such file; expected one beside ${SET}`);
  const { files, totalBytes } = parseJson(MeasuredManifestSchema, readFileSync(path, 'utf8'), path);
  const fail = (name: string, what: string): never => {
    throw new InputError('measured-manifest', `${join(folder, name)}: ${what}`);
  };
  const there = filesBelow(folder).filter((name) => name !== MANIFEST);
  for (const name of there)
    if (!files.some((file) => file.path === name)) fail(name, `the file is not in ${MANIFEST}`);
  for (const { path: name, bytes, sha256: expected } of files) {
    if (!there.includes(name)) fail(name, `no such file; ${MANIFEST} has it`);
    const body = readFileSync(join(folder, name));
    if (body.length !== bytes) fail(name, `${body.length} bytes; expected ${bytes} by ${MANIFEST}`);
    const found = sha256(body);
    if (found !== expected) fail(name, `SHA-256 ${found}; expected ${expected} by ${MANIFEST}`);
  }
  const sum = files.reduce((total, { bytes }) => total + bytes, 0);
  if (sum !== totalBytes)
    fail(MANIFEST, `its files have ${sum} bytes together; expected totalBytes ${totalBytes}`);
  return { files: files.length, totalBytes };
}

/** The raw readings of a run, for the period of the sensor; what a file does not have is null. */
export function readingsOf(folder: string, run: string): RunReadings {
  const read = (name: string, column: Column): Series | null => {
    const path = join(folder, run, name);
    if (!existsSync(path)) return null;
    const series = seriesOf(gunzipSync(readFileSync(path)).toString('utf8'), column);
    return series.timesMs.length > 0 ? series : null;
  };
  return {
    averageW: read('nvidia-smi.csv.gz', { name: 'power.draw.average [W]', divide: 1 }),
    instantW: read('nvidia-smi.csv.gz', { name: 'power.draw.instant [W]', divide: 1 }),
    counterJ: read('nvml.csv.gz', { name: 'energy_mj', divide: 1000 }),
  };
}
