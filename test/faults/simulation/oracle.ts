import { DecisionSchema } from '../../../functions/core/decision/decision.ts';
import { RunManifestSchema } from '../../../functions/core/telemetry/manifest.ts';
import { ReceiptSchema } from '../../../functions/core/telemetry/receipt.ts';
import { outboxKey } from '../../../functions/decide/announce.ts';
import { isManifest, parseLandingKey } from '../../../functions/platform/landing.ts';
import { manifestKey } from '../../../functions/platform/layout.ts';
import type { ObjectStore } from '../../../functions/platform/object-store.ts';
import { receiptKeyOf } from '../../../functions/platform/run-inputs.ts';
import type { Bucket, Version } from './bucket.ts';
import { PROGRAM, RUNS, type Upload } from './pilot.ts';
import type { System } from './system.ts';

export const LAST_NIGHT = '2026-01-15';
const POISON_MARK = 'no message of ours';

/** What a quiet run leaves that must be there after any schedule, by bucket and key. */
export interface Quiet {
  readonly final: ReadonlyMap<string, string>;
  /** Of each run: what its pointer names in the end. */
  readonly digests: ReadonlyMap<string, string>;
  /** Runs of which something was taken away. */
  readonly shrunk: ReadonlySet<string>;
}

/** What quiet runs leave: what the end of every schedule is compared to. */
export interface Reference {
  quietOf(uploads: readonly Upload[]): Promise<Quiet>;
  /** Etag of everything that some state of the uploads leads to, by key in the lake. */
  possible(): Promise<ReadonlyMap<string, string>>;
  /** How far the uploads of a run may have come, by the digest of an evaluation. */
  progressOf(run: string): Promise<ReadonlyMap<string, readonly (readonly number[])[]>>;
  /** Results whose inputs are too many to try all: what one schedule wrote, the others must write. */
  readonly seen: Map<string, { readonly etag: string; readonly seed: number }>;
}

const textOf = ({ bytes }: Version): string => Buffer.from(bytes).toString('utf8');
const jsonOf = (version: Version): unknown => JSON.parse(textOf(version));
const evaluationPointer = (run: string): string => `evaluations/program=${PROGRAM}/run=${run}/latest.json`;
const decisionPointer = `decisions/program=${PROGRAM}/latest.json`;

export function pointed(lake: Bucket, pointer: string): { digest: string; key: string } | null {
  const found = lake.find(pointer);
  return found ? (jsonOf(found) as { digest: string; key: string }) : null;
}

/** Keys of receipts that the objects as they stand now must have. */
function receiptKeys({ landing }: System): { readonly key: string; readonly object: Version }[] {
  return landing.list('').flatMap((object) => {
    const place = parseLandingKey(object.key);
    if (!place) return [];
    const manifest = landing.find(manifestKey(place.program, place.run));
    if (!manifest && !isManifest(place.path)) return [];
    const files = manifest ? RunManifestSchema.parse(jsonOf(manifest)) : { files: [] };
    const store = { bucket: landing.name } as ObjectStore;
    const info = { ...object, sizeBytes: object.bytes.length };
    return [{ key: receiptKeyOf(store, place, info, files), object }];
  });
}

/** Everything final that a system at rest holds: what belongs to its objects as they stand, and all pages for people. */
export function finalOf(system: System): Map<string, string> {
  const { lake, reports } = system;
  const final = new Map<string, string>();
  const keep = (bucket: Bucket, key: string): void => {
    final.set(`${bucket.name}/${key}`, bucket.find(key)?.etag ?? 'missing');
  };
  for (const { key } of receiptKeys(system)) {
    keep(lake, key);
    const receipt = lake.find(key);
    if (!receipt) continue;
    for (const output of Object.values(ReceiptSchema.parse(jsonOf(receipt)).outputs))
      if (output) keep(lake, output);
  }
  for (const pointer of [...RUNS.map(evaluationPointer), decisionPointer]) {
    const at = pointed(lake, pointer);
    if (!at) continue;
    keep(lake, pointer);
    keep(lake, at.key);
  }
  for (const { key } of reports.list(''))
    if (!key.startsWith('programs/') || key.startsWith(`programs/${PROGRAM}/${LAST_NIGHT}/`))
      keep(reports, key);
  return final;
}

/** When the faults are over and before anybody repairs: who lost nothing has everything already. */
export function beforeRepair(system: System, quiet: Quiet): string[] {
  const { lake, ingest, evaluate, lost } = system;
  const harmed = [...lost, ...ingest.deadLetters, ...evaluate.deadLetters];
  const failures: string[] = [];
  for (const run of RUNS) {
    if (harmed.some((text) => text.includes(`/${run}/`) || text.includes(`run=${run}/`))) continue;
    for (const { key, object } of receiptKeys(system))
      if (object.key.startsWith(`${PROGRAM}/${run}/`) && !lake.find(key))
        failures.push(`message lost: nothing befell the events of ${object.key}, and it has no receipt`);
    const digest = pointed(lake, evaluationPointer(run))?.digest;
    // A deletion has no event: the night sees it.
    if (quiet.digests.has(run) && !quiet.shrunk.has(run) && digest !== quiet.digests.get(run))
      failures.push(`message lost: nothing befell the events of ${run}, and its pointer is at ${digest}`);
  }
  return failures;
}

/** After the last quiet night. */
export async function atRest(
  system: System,
  quiet: Quiet,
  reference: Reference,
  seed: number,
): Promise<string[]> {
  return [
    ...conserved(system),
    ...sameAs(quiet, system),
    ...(await pure(system, reference, seed)),
    ...(await forward(system, reference)),
    ...announcedOnce(system),
    ...writtenDownInTurn(system),
  ];
}

/** Inputs = results + quarantine + dead letters + in flight. */
function conserved(system: System): string[] {
  const { ingest, evaluate, lake } = system;
  const failures: string[] = [];
  const left = ingest.inFlight + evaluate.inFlight;
  if (left > 0) failures.push(`${left} messages are in flight for ever`);
  const dead = [...ingest.deadLetters, ...evaluate.deadLetters];
  for (const body of dead)
    if (body !== POISON_MARK) failures.push(`a good message is dead after its redrive: ${body}`);
  if (!dead.includes(POISON_MARK)) failures.push('the bad message is neither dead nor in flight');
  for (const { key, object } of receiptKeys(system)) {
    const found = lake.find(key);
    if (!found) {
      failures.push(`${object.key} is neither a result nor in quarantine nor dead nor in flight`);
      continue;
    }
    const { status, outputs, rejected } = ReceiptSchema.parse(jsonOf(found));
    const hasQuarantine = outputs.quarantine !== null && lake.find(outputs.quarantine) !== undefined;
    if ((status === 'refused' || rejected > 0) && !hasQuarantine)
      failures.push(`${object.key} was rejected, at least in part, and quarantine does not have it`);
  }
  return failures;
}

function sameAs(quiet: Quiet, system: System): string[] {
  const final = finalOf(system);
  const keys = new Set([...final.keys(), ...quiet.final.keys()]);
  return [...keys]
    .filter((key) => final.get(key) !== quiet.final.get(key))
    .map(
      (key) =>
        `differs from the quiet run: ${key} (${final.get(key) ?? 'absent'}, expected ${quiet.final.get(key) ?? 'absent'})`,
    );
}

/** Every result is a function of its inputs, also those that were overtaken: one key, the same bytes, for ever. */
async function pure({ lake }: System, { possible, seen }: Reference, seed: number): Promise<string[]> {
  const failures: string[] = [];
  const known = await possible();
  for (const { key } of lake.list('')) {
    if (key.endsWith('/latest.json') || key.startsWith('nights/')) continue;
    const history = lake.history(key);
    if (key.startsWith('receipts/') && history.length > 1)
      failures.push(`a receipt was written ${history.length} times: ${key}`);
    const isTried = /^(?:receipts|segments|progress|quarantine|evaluations)\//.test(key);
    const first = seen.get(key) ?? { etag: history[0]?.etag ?? '', seed };
    if (!isTried) seen.set(key, first);
    const expected = isTried ? known.get(key) : first.etag;
    const by = isTried ? 'quiet runs' : `schedule ${first.seed}`;
    for (const { etag } of history)
      if (etag !== expected)
        failures.push(`not a function of its inputs: ${key} (${etag}; ${by}: ${expected ?? 'no such key'})`);
  }
  return [...new Set(failures)];
}

/** A pointer never goes back to a state of the uploads that it had left. */
async function forward({ lake, moves }: System, reference: Reference): Promise<string[]> {
  const failures: string[] = [];
  for (const run of RUNS) {
    const progress = await reference.progressOf(run);
    let before: readonly (readonly number[])[] = [[]];
    for (const { key, version } of moves.filter((m) => m.key === evaluationPointer(run))) {
      const { digest } = jsonOf(lake.find(key, version) as Version) as { digest: string };
      const states = progress.get(digest);
      const now = states?.filter((s) => before.some((b) => b.every((count, i) => count <= (s[i] as number))));
      if (!states) failures.push(`${key} was moved to ${digest}, which no state of its uploads leads to`);
      else if (now?.length === 0) failures.push(`${key} went back from [${before[0]}] to [${states[0]}]`);
      before = now?.length ? now : (states ?? before);
    }
  }
  let dateBefore = '';
  for (const { key, version } of moves.filter((m) => m.key === decisionPointer)) {
    const at = jsonOf(lake.find(key, version) as Version) as { key: string };
    const found = lake.find(at.key);
    if (!found) {
      failures.push(`${key} was moved to ${at.key}, which is not there`);
      continue;
    }
    const { date } = DecisionSchema.parse(jsonOf(found));
    if (date < dateBefore) failures.push(`${key} went back from ${dateBefore} to ${date}`);
    dateBefore = date;
  }
  return failures;
}

/** Every change of verdict was told, under one number that says one thing. */
function announcedOnce({ announced, lake }: System): string[] {
  const failures: string[] = [];
  const bySequence = new Map<number, string>();
  for (const event of announced) {
    const text = JSON.stringify(event);
    const known = bySequence.get(event.sequence);
    if (known !== undefined && known !== text)
      failures.push(`verdict event ${event.sequence} says two things`);
    bySequence.set(event.sequence, text);
  }
  for (let i = 1; i <= bySequence.size; i += 1)
    if (!bySequence.has(i)) failures.push(`verdict event ${i} was never sent`);
  const at = pointed(lake, decisionPointer);
  const decision = at && lake.find(at.key);
  const last = announced.findLast((event) => event.sequence === bySequence.size);
  const verdict = decision ? DecisionSchema.parse(jsonOf(decision)).verdict : undefined;
  if (last?.to !== verdict)
    failures.push(`the verdict ${verdict} was not announced; the last one is ${last?.to}`);
  return failures;
}

/** The outbox says a change, then that it was sent, then the next change: each written by who had seen the one before. */
function writtenDownInTurn({ lake }: System): string[] {
  const failures: string[] = [];
  const key = outboxKey(PROGRAM);
  let before = { sequence: 0, isSent: true };
  for (const version of lake.history(key)) {
    const { isSent, event } = jsonOf(version) as { isSent: boolean; event: { sequence: number } };
    const isNext = before.isSent
      ? !isSent && event.sequence === before.sequence + 1
      : isSent && event.sequence === before.sequence;
    if (!isNext)
      failures.push(
        `${key} was written over unseen: ${told(before.sequence, before.isSent)} was followed by ${told(event.sequence, isSent)}`,
      );
    before = { sequence: event.sequence, isSent };
  }
  return failures;
}

const told = (sequence: number, isSent: boolean): string => `change ${sequence}${isSent ? ', sent,' : ''}`;
