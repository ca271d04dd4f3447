import * as z from 'zod';
import { NameSchema } from '../core/telemetry/manifest.ts';
import { collect } from '../platform/bytes.ts';
import { sha256 } from '../platform/hash.ts';
import { parseJson } from '../platform/landing.ts';
import { putIfDifferent } from '../platform/latest.ts';
import type { ObjectStore } from '../platform/object-store.ts';

/** Everything that nights leave in the lake lies below here; nothing reads it back but the state machine. */
export const NIGHTS_PREFIX = 'nights/';

const NightRunSchema = z.strictObject({ program: NameSchema, run: NameSchema });
export type NightRun = z.infer<typeof NightRunSchema>;

/** Folder that the map over runs writes its results into. */
export const resultsPrefix = (date: string): string => `${NIGHTS_PREFIX}date=${date}/results`;

/**
 * Writes the runs to evaluate as JSON lines, which the map reads item by item: a state of the machine holds 256 KB, a
 * backlog does not fit. The key is computed from the lines, so that a night and a replay of one day stay apart.
 */
export async function writeNightRuns(
  lake: ObjectStore,
  date: string,
  runs: readonly NightRun[],
): Promise<string> {
  const text = runs.map(({ program, run }) => `${JSON.stringify({ program, run })}\n`).join('');
  const key = `${NIGHTS_PREFIX}date=${date}/runs-${sha256(text).slice(0, 16)}.jsonl`;
  await putIfDifferent(lake, key, Buffer.from(text), 'application/x-ndjson');
  return key;
}

export async function readNightRuns(lake: ObjectStore, key: string): Promise<NightRun[]> {
  const text = Buffer.from(await collect((await lake.get(key)).body)).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line, i) => parseJson(NightRunSchema, line, `${key}, line ${i + 1}`));
}
