import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DecisionSchema } from '../../functions/core/decision/decision.ts';
import { EvaluationSchema } from '../../functions/core/efficiency/evaluation.ts';
import { type RunManifest, RunManifestSchema } from '../../functions/core/telemetry/manifest.ts';
import { type Receipt, ReceiptSchema } from '../../functions/core/telemetry/receipt.ts';
import { collect } from '../../functions/platform/bytes.ts';
import type { DirectoryStore } from '../../functions/platform/directory-store.ts';
import { sha256 } from '../../functions/platform/hash.ts';
import { isManifest, parseLandingKey, readJson } from '../../functions/platform/landing.ts';
import { readLatest } from '../../functions/platform/latest.ts';
import { LATEST, type LandingKey, landingKey, manifestKey } from '../../functions/platform/layout.ts';
import type { ObjectInfo } from '../../functions/platform/object-store.ts';
import { receiptKeyOf } from '../../functions/platform/run-inputs.ts';
import { leftoversIn } from './leftovers.ts';
import type { Stack } from './stack.ts';

/** How the inputs ended. */
export interface Balance {
  inputs: number;
  accepted: number;
  refused: number;
  withRejects: number;
  dead: number;
  poison: number;
}

async function bytesOf(store: DirectoryStore, key: string, version?: string): Promise<Uint8Array> {
  return collect((await store.get(key, version === undefined ? {} : { version })).body);
}

/** Place of a key; null for what belongs to no run; undefined for keys that no run can have. */
function placeOf(key: string): LandingKey | null | undefined {
  try {
    return parseLandingKey(key);
  } catch {
    return undefined;
  }
}

interface Input {
  readonly info: ObjectInfo;
  readonly receiptKey: string;
  readonly receipt: Receipt | null;
}

async function inputsOf({ landing, lake }: Stack): Promise<{ inputs: Input[]; impossible: string[] }> {
  const inputs: Input[] = [];
  const impossible: string[] = [];
  const manifests = new Map<string, RunManifest | null>();
  for await (const info of landing.list('')) {
    const place = placeOf(info.key);
    if (place === undefined) impossible.push(info.key);
    if (!place) continue;
    const at = manifestKey(place.program, place.run);
    if (!manifests.has(at)) manifests.set(at, await readJson(landing, at, RunManifestSchema));
    const manifest = manifests.get(at);
    if (!manifest && !isManifest(place.path)) continue;
    const receiptKey = receiptKeyOf(landing, place, info, manifest ?? { files: [] });
    inputs.push({ info, receiptKey, receipt: await readJson(lake, receiptKey, ReceiptSchema) });
  }
  return { inputs, impossible };
}

/** Inputs = receipts + quarantine + dead letters. */
export async function conserved(
  stack: Stack,
  poison: number,
): Promise<{ balance: Balance; failures: string[] }> {
  const { inputs, impossible } = await inputsOf(stack);
  const failures: string[] = [];
  const dead = [...stack.ingest.deadLetters, ...stack.evaluate.deadLetters];
  const balance: Balance = {
    inputs: inputs.length + impossible.length,
    accepted: 0,
    refused: 0,
    withRejects: 0,
    dead: 0,
    poison: 0,
  };
  for (const { info, receipt } of inputs) {
    if (!receipt) {
      failures.push(`${info.key} is neither a result nor in quarantine nor dead`);
      continue;
    }
    const { status, rejected, outputs } = receipt;
    if (status === 'accepted') balance.accepted += 1;
    else balance.refused += 1;
    if (status === 'accepted' && rejected > 0) balance.withRejects += 1;
    const { quarantine } = outputs;
    if ((status === 'refused' || rejected > 0) && !(quarantine && (await stack.lake.head(quarantine))))
      failures.push(`${info.key} was rejected, at least in part, and quarantine does not have it`);
  }
  for (const key of impossible) {
    if (dead.some((body) => body.includes(JSON.stringify(key)))) balance.dead += 1;
    else failures.push(`${key} can be no file of a run, and is no dead letter`);
  }
  // A message that came twice dies twice.
  for (const body of new Set(dead)) {
    if (!body.startsWith('{')) balance.poison += 1;
    else if (!impossible.some((key) => body.includes(JSON.stringify(key))))
      failures.push(`a good message is dead: ${body}`);
  }
  if (balance.poison !== poison)
    failures.push(`${balance.poison} of ${poison} messages that are none are dead letters`);
  return { balance, failures };
}

/** Hashes of everything final, by bucket and key. */
export async function finalOf(stack: Stack, lastDate: string): Promise<Map<string, string>> {
  const { lake, reports } = stack;
  const final = new Map<string, string>();
  const keep = async (store: DirectoryStore, key: string): Promise<void> => {
    const isThere = (await store.head(key)) !== null;
    const hash = isThere
      ? createHash('sha256')
          .update(await bytesOf(store, key))
          .digest('hex')
      : 'missing';
    final.set(`${store.bucket}/${key}`, hash);
  };
  for (const { receiptKey, receipt } of (await inputsOf(stack)).inputs) {
    if (!receipt) continue;
    await keep(lake, receiptKey);
    for (const output of Object.values(receipt.outputs)) if (output) await keep(lake, output);
  }
  for (const prefix of ['evaluations/', 'decisions/'])
    for await (const { key } of lake.list(prefix)) {
      if (!key.endsWith(`/${LATEST}`)) continue;
      await keep(lake, key);
      const latest = await readLatest(lake, key.slice(0, -LATEST.length));
      if (latest) await keep(lake, latest.key);
    }
  for await (const { key } of reports.list(''))
    if (!key.startsWith('programs/') || key.includes(`/${lastDate}/`)) await keep(reports, key);
  return final;
}

export function differences(
  found: ReadonlyMap<string, string>,
  quiet: ReadonlyMap<string, string>,
): string[] {
  const keys = [...new Set([...found.keys(), ...quiet.keys()])];
  const state = (of: ReadonlyMap<string, string>, key: string): string =>
    of.get(key)?.slice(0, 12) ?? 'absent';
  return keys
    .filter((key) => found.get(key) !== quiet.get(key))
    .map((key) => `differs from the quiet run: ${key} (${state(found, key)}, expected ${state(quiet, key)})`);
}

/** Contents that a key of the landing bucket has had, oldest first. */
export async function contentsOf(
  folder: string,
  key: string,
): Promise<{ version: string; bytes: Uint8Array }[]> {
  const side = join(folder, 'landing', '.versions', sha256(key).slice(0, 40));
  const versions = (await readdir(side)).filter((name) => /^\d{6}-/.test(name)).sort();
  return Promise.all(
    versions.map(async (version) => ({
      version,
      bytes: new Uint8Array(await readFile(join(side, version))),
    })),
  );
}

/** A pointer never goes back to a state of the uploads that it had left. */
export async function movedForward(
  stack: Stack,
  folder: string,
): Promise<{ moves: number; failures: string[] }> {
  const { lake, moves } = stack;
  const failures: string[] = [];
  const stages = new Map<string, Map<string, number>>();
  const dates = new Map<string, string>();
  for (const { key, version } of moves) {
    if (key.startsWith('verdicts/')) continue;
    const at = JSON.parse(Buffer.from(await bytesOf(lake, key, version)).toString('utf8')) as { key: string };
    if (key.startsWith('decisions/')) {
      const decision = await readJson(lake, at.key, DecisionSchema);
      const before = dates.get(key) ?? '';
      if (!decision) failures.push(`${key} was moved to ${at.key}, which is not there`);
      else if (decision.date < before) failures.push(`${key} went back from ${before} to ${decision.date}`);
      if (decision) dates.set(key, decision.date);
      continue;
    }
    const evaluation = await readJson(lake, at.key, EvaluationSchema);
    if (!evaluation) {
      failures.push(`${key} was moved to ${at.key}, which is not there`);
      continue;
    }
    const before = stages.get(key) ?? new Map<string, number>();
    const now = new Map<string, number>();
    for (const { path, sha256: hash } of evaluation.inputs) {
      const history = await contentsOf(folder, landingKey(evaluation.program, evaluation.run, path));
      const from = before.get(path) ?? 0;
      const stage = history.findIndex(({ bytes }, i) => i >= from && sha256(bytes) === hash);
      if (stage < 0) failures.push(`${key} went back to an older ${path}, or to one that never was`);
      now.set(path, Math.max(stage, from));
    }
    for (const path of before.keys())
      if (!now.has(path)) failures.push(`${key} went back to before ${path} came`);
    stages.set(key, now);
  }
  return { moves: moves.length, failures };
}

/** Every change of verdict was told, under one number that says one thing. */
export async function announcedOnce({ announced, lake }: Stack): Promise<string[]> {
  const failures: string[] = [];
  for (const program of new Set(announced.map((event) => event.program))) {
    const bySequence = new Map<number, string>();
    for (const event of announced.filter((e) => e.program === program)) {
      const text = JSON.stringify(event);
      if ((bySequence.get(event.sequence) ?? text) !== text)
        failures.push(`verdict event ${event.sequence} of ${program} says two things`);
      bySequence.set(event.sequence, text);
    }
    for (let i = 1; i <= bySequence.size; i += 1)
      if (!bySequence.has(i)) failures.push(`verdict event ${i} of ${program} was never sent`);
    const latest = await readLatest(lake, `decisions/program=${program}/`);
    const decision = latest && (await readJson(lake, latest.key, DecisionSchema));
    const last = announced.findLast((e) => e.program === program && e.sequence === bySequence.size);
    if (last?.to !== decision?.verdict)
      failures.push(
        `${program}: the verdict ${decision?.verdict} was not announced; the last is ${last?.to}`,
      );
  }
  return failures;
}

/** What somebody began to write and nobody has finished. */
export const unfinished = async (folder: string): Promise<string[]> => {
  const parts = (await leftoversIn(folder)).map((path) => `left behind: ${path.slice(folder.length + 1)}`);
  const temporary = await readdir(join(folder, 'tmp'));
  return [...parts, ...temporary.map((name) => `a temporary file is left: ${name}`)];
};
