import { statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../functions/core/errors.ts';
import { NameSchema, RunManifestSchema } from '../../functions/core/telemetry/manifest.ts';
import { prettyJson } from '../../functions/platform/hash.ts';
import { parseJson, parseLandingKey } from '../../functions/platform/landing.ts';
import { landingKey, MANIFEST_NAME } from '../../functions/platform/layout.ts';
import { filesBelow, isFolder } from '../run-files.ts';
import { type Compression, compressionOf, SUFFIX_OF } from './compression.ts';

/** S3's own limit. */
const KEY_LIMIT_BYTES = 1024;
/** As many faults as are of use at once. */
const FAULTS_SHOWN = 5;

/** A file beside run.json, as it is now. */
export interface LocalFile {
  /** Key in the landing bucket. */
  readonly key: string;
  /** Where it lies on this machine. */
  readonly source: string;
  readonly sizeBytes: number;
  /** Changes when the file does: which file it is, its size and when it was last written. */
  readonly stamp: string;
  /** How it is compressed on its way; null as it is. */
  readonly compression: Compression | null;
  /** Its bytes, where they are known already: those of run.json. */
  readonly content?: Uint8Array;
}

export interface LocalRun {
  readonly folder: string;
  readonly program: string;
  readonly run: string;
  /** run.json as it will be sent. */
  readonly manifest: LocalFile;
  readonly files: readonly LocalFile[];
}

export interface LocalRunOptions {
  /** Other names than run.json has. */
  readonly program?: string;
  readonly run?: string;
  readonly compress?: Compression;
}

/** Which file it is, and in what state. */
export const stampOf = (of: { dev: bigint; ino: bigint; size: bigint; mtimeNs: bigint }): string =>
  `${of.dev}:${of.ino}:${of.size}:${of.mtimeNs}`;

function checkedName(option: string, name: string): string {
  const parsed = NameSchema.safeParse(name);
  if (parsed.success) return parsed.data;
  throw new InputError(
    'usage',
    `${option} ${JSON.stringify(name)}: ${parsed.error.issues[0]?.message ?? 'expected a name'}`,
  );
}

/** run.json, checked as the pipeline checks it, under the names that it is sent by. */
async function readManifest(
  folder: string,
  { program, run }: LocalRunOptions,
): Promise<Omit<LocalRun, 'folder' | 'files'>> {
  const path = join(folder, MANIFEST_NAME);
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new InputError(
      'folder',
      `${folder}: no ${MANIFEST_NAME} to read in it (${(cause as NodeJS.ErrnoException).code}); expected run folders, such as runs/*`,
      { cause },
    );
  });
  const said = parseJson(RunManifestSchema, bytes.toString('utf8'), path);
  const names = {
    program: program === undefined ? said.program : checkedName('--program', program),
    run: run === undefined ? said.run : checkedName('--run', run),
  };
  const isAsSaid = names.program === said.program && names.run === said.run;
  // What its author wrote, without our defaults; the names alone are others.
  const content = isAsSaid ? bytes : prettyJson({ ...JSON.parse(bytes.toString('utf8')), ...names });
  const manifest: LocalFile = {
    key: landingKey(names.program, names.run, MANIFEST_NAME),
    source: path,
    sizeBytes: content.length,
    stamp: '',
    compression: null,
    content,
  };
  return { ...names, manifest };
}

/** What keeps keys from being taken, as the ingest function would say it. */
function keyFault(key: string): string | null {
  const length = Buffer.byteLength(key);
  if (length > KEY_LIMIT_BYTES)
    return `object key of ${length} bytes, ${JSON.stringify(key.slice(0, 80))}…; expected at most ${KEY_LIMIT_BYTES}`;
  try {
    parseLandingKey(key);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

function checkKeys(folder: string, files: readonly LocalFile[]): void {
  const faults = files.map(({ key }) => keyFault(key)).filter((fault) => fault !== null);
  const sources = new Map<string, string>();
  for (const { key, source } of files) {
    const other = sources.get(key);
    if (other !== undefined) faults.push(`${other} and ${source} would both be ${key}; expected one of them`);
    sources.set(key, source);
  }
  if (faults.length === 0) return;
  const more = faults.length > FAULTS_SHOWN ? `; and ${faults.length - FAULTS_SHOWN} more` : '';
  throw new InputError('key-form', `${folder}: ${faults.slice(0, FAULTS_SHOWN).join('; ')}${more}`);
}

/**
 * A run folder as it will be sent: run.json and every file below it, hidden ones left out.
 *
 * @throws InputError where run.json is missing or not as the pipeline wants it, or a file's name is no key that the
 * landing bucket's functions accept.
 */
export async function readLocalRun(folder: string, options: LocalRunOptions = {}): Promise<LocalRun> {
  if (!isFolder(folder)) throw new InputError('folder', `${folder}: no such folder`);
  const { program, run, manifest } = await readManifest(folder, options);
  const files: LocalFile[] = [];
  for (const path of filesBelow(folder)) {
    if (path === MANIFEST_NAME) continue;
    const source = join(folder, path);
    const state = await stat(source, { bigint: true });
    if (!state.isFile())
      throw new InputError('file', `${source}: neither file nor folder; expected plain files in a run`);
    const compression = options.compress ? await compressionOf(source, options.compress) : null;
    files.push({
      key: landingKey(program, run, `${path}${compression ? SUFFIX_OF[compression] : ''}`),
      source,
      sizeBytes: Number(state.size),
      stamp: stampOf(state),
      compression,
    });
  }
  checkKeys(folder, files);
  return { folder, program, run, manifest, files };
}

/** Whether the folder still is what was planned, before run.json says so. @throws InputError `run-changed`. */
export function checkUnchanged({ folder, files }: LocalRun): void {
  const known = new Map(files.map((f) => [f.source, f.stamp]));
  const faults: string[] = [];
  const now = new Set(
    filesBelow(folder)
      .filter((path) => path !== MANIFEST_NAME)
      .map((path) => join(folder, path)),
  );
  for (const path of now) {
    const stamp = known.get(path);
    if (stamp === undefined) faults.push(`${path} is new`);
    else if (stampOf(statSync(path, { bigint: true })) !== stamp) faults.push(`${path} changed`);
  }
  for (const path of known.keys()) if (!now.has(path)) faults.push(`${path} is gone`);
  if (faults.length > 0)
    throw new InputError(
      'run-changed',
      `${folder} changed while it was sent: ${faults.slice(0, FAULTS_SHOWN).join('; ')}; run.json was not sent. Push again when the run is complete`,
    );
}

/** @throws InputError `usage` where two folders would be one run. */
export function checkDistinct(runs: readonly LocalRun[]): void {
  const folders = new Map<string, string>();
  for (const { manifest, folder } of runs) {
    const { key } = manifest;
    const other = folders.get(key);
    if (other !== undefined)
      throw new InputError('usage', `${other} and ${folder} are both ${key}; expected each run once`);
    folders.set(key, folder);
  }
}
