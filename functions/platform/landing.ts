import type * as z from 'zod';
import { InputError, WattlineError } from '../core/errors.ts';
import { type RunManifest, RunManifestSchema } from '../core/telemetry/manifest.ts';
import { collect } from './bytes.ts';
import { canonicalJson, sha256 } from './hash.ts';
import { type LandingKey, MANIFEST_NAME, manifestKey } from './layout.ts';
import { ObjectMissingError, type ObjectStore } from './object-store.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/**
 * Program, run and path that a landing key names; null for keys that are no run's file (`<program>/policy.json`,
 * folder markers).
 *
 * @throws InputError `key-form` for keys that could leave their run.
 */
export function parseLandingKey(key: string): LandingKey | null {
  const [program = '', run = '', ...rest] = key.split('/');
  const path = rest.join('/');
  if (key.endsWith('/') || rest.length === 0) return null;
  const isUnsafe =
    hasControlCharacter(path) || rest.some((part) => part === '' || part === '.' || part === '..');
  if (!NAME.test(program) || !NAME.test(run) || isUnsafe) {
    throw new InputError(
      'key-form',
      `object key ${JSON.stringify(key)}: expected <program>/<run>/<path> of plain names`,
    );
  }
  return { program, run, path };
}

/** Characters that no path is meant to have. */
export const hasControlCharacter = (text: string): boolean => /\p{Cc}/u.test(text);

/** Identity of a source: its place, without the version. */
export const sourceId = (bucket: string, key: string): string => sha256(`${bucket}\n${key}`).slice(0, 32);

/** Part of a lake key: which version of the source, read in which way. */
export const sourceState = (version: string, settings: string): string =>
  `${/^[A-Za-z0-9._-]{1,64}$/.test(version) ? version : sha256(version).slice(0, 32)}-${settings}`;

/** Digest of how a file is to be read. Receipts of another reading stay, and are not looked at. */
export const settingsDigest = (rule: unknown): string => sha256(canonicalJson(rule)).slice(0, 12);

/** The manifest's own reading: it is no telemetry and has no rule. */
export const MANIFEST_SETTINGS = 'manifest';

/** One JSON object, checked; errors name the key, the place in it and what was expected. */
export function parseJson<T>(schema: z.ZodType<T>, text: string, name: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InputError('json-syntax', `${name}: not JSON: ${(cause as Error).message}`, { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues
    .slice(0, 5)
    .map((i) => `${i.path.join('.') || 'the whole'}: ${i.message}`);
  throw new InputError('json-shape', `${name}: ${issues.join('; ')}`, { cause: parsed.error });
}

export async function readJson<T>(store: ObjectStore, key: string, schema: z.ZodType<T>): Promise<T | null> {
  try {
    const object = await store.get(key);
    return parseJson(schema, Buffer.from(await collect(object.body)).toString('utf8'), key);
  } catch (error) {
    if (error instanceof ObjectMissingError) return null;
    throw error;
  }
}

export function checkManifest(
  manifest: RunManifest,
  place: Pick<LandingKey, 'program' | 'run'>,
): RunManifest {
  if (manifest.program !== place.program || manifest.run !== place.run) {
    throw new InputError(
      'manifest-place',
      `${manifestKey(place.program, place.run)}: it says program ${JSON.stringify(manifest.program)} and run ` +
        `${JSON.stringify(manifest.run)}; expected those of its place`,
    );
  }
  return manifest;
}

/** The run's manifest as it stands now; null where there is none, or none that can be used. */
export async function currentManifest(
  landing: ObjectStore,
  place: Pick<LandingKey, 'program' | 'run'>,
): Promise<RunManifest | null> {
  try {
    const manifest = await readJson(landing, manifestKey(place.program, place.run), RunManifestSchema);
    return manifest && checkManifest(manifest, place);
  } catch (error) {
    if (error instanceof WattlineError && !error.retryable) return null;
    throw error;
  }
}

export const isManifest = (path: string): boolean => path === MANIFEST_NAME;
