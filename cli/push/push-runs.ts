import { InputError } from '../../functions/core/errors.ts';
import { mapAtOnce } from '../../functions/platform/at-once.ts';
import { landingKey } from '../../functions/platform/layout.ts';
import type { Sent } from './attempt.ts';
import { compareFile, type Presence } from './compare-file.ts';
import type { Condition, LandingBucket, Listed } from './landing-bucket.ts';
import { checkUnchanged, type LocalFile, type LocalRun } from './local-run.ts';
import { hasCode } from './s3-failure.ts';
import { occupied, type SendWorld, sendFile } from './send-file.ts';

/** Files that are compared at a time: their checksums are work for one thread. */
const COMPARED_AT_ONCE = 4;

/** A file, and what lies at its key; `unlisted` where these credentials may not see. */
interface PlannedFile {
  readonly file: LocalFile;
  readonly presence: Presence | 'unlisted';
  readonly etag: string;
}

export interface PlannedRun {
  readonly run: LocalRun;
  readonly files: readonly PlannedFile[];
  readonly manifest: PlannedFile;
}

/** What became of a file. */
export interface Outcome {
  readonly key: string;
  readonly outcome: 'sent' | 'replaced' | 'there';
  readonly sizeBytes: number;
  readonly sent: Sent | null;
}

async function listed(
  bucket: LandingBucket,
  { program, run }: LocalRun,
): Promise<Map<string, Listed> | null> {
  try {
    return await bucket.list(landingKey(program, run, ''));
  } catch (error) {
    if (hasCode(error, 'denied')) return null;
    throw error;
  }
}

/** What of a run is in the bucket. One listing, and a look at each file that is there. */
export async function planRun(
  bucket: LandingBucket,
  run: LocalRun,
  onRead: (bytes: number) => void = () => {},
): Promise<PlannedRun> {
  const there = await listed(bucket, run);
  const planned = await mapAtOnce(
    [...run.files, run.manifest],
    async (file): Promise<PlannedFile> => {
      const found = there?.get(file.key);
      if (!found) return { file, presence: there ? 'absent' : 'unlisted', etag: '' };
      return { file, presence: await compareFile(bucket, file, onRead), etag: found.etag };
    },
    COMPARED_AT_ONCE,
  );
  return { run, files: planned.slice(0, -1), manifest: planned.at(-1) as PlannedFile };
}

/** @throws InputError `occupied` where something else than the file lies at a key, before anything is sent. */
export function checkUnoccupied({ name }: LandingBucket, plans: readonly PlannedRun[]): void {
  const others = plans
    .flatMap(({ files, manifest }) => [...files, manifest])
    .flatMap(({ file, presence }) =>
      presence === 'different' || presence === 'unknown' ? [{ key: file.key, presence }] : [],
    );
  if (others.length > 0) throw occupied(name, others);
}

/** Only what was looked at is written over, and only as it was: whoever was faster is not. */
function conditionOf({ presence, etag }: PlannedFile, isOverwrite: boolean): Condition {
  if (presence === 'different' || presence === 'unknown') return { ifMatch: etag };
  return presence === 'unlisted' && isOverwrite ? {} : { ifNoneMatch: '*' };
}

const isMissing = ({ presence }: PlannedFile): boolean => presence !== 'same';

export const bytesToSend = ({ files, manifest }: PlannedRun): number =>
  [...files, manifest].filter(isMissing).reduce((sum, { file }) => sum + file.sizeBytes, 0);

async function outcomeOf(
  world: SendWorld,
  planned: PlannedFile,
  { isOverwrite }: PushOptions,
): Promise<Outcome> {
  const { file, presence } = planned;
  const sent = isMissing(planned) ? await sendFile(world, file, conditionOf(planned, isOverwrite)) : null;
  const outcome =
    sent === null ? 'there' : presence === 'absent' || presence === 'unlisted' ? 'sent' : 'replaced';
  return { key: file.key, outcome, sizeBytes: sent?.sizeBytes ?? file.sizeBytes, sent };
}

export interface PushOptions {
  readonly isOverwrite: boolean;
  readonly filesAtOnce: number;
}

/**
 * Sends what is missing of a run, and run.json when everything else is there. A file that cannot be read, or changes
 * meanwhile, does not keep the others; anything else ends it, once what is under way is through.
 *
 * @throws InputError `push-incomplete`, and what S3 refuses.
 */
export async function pushRun(
  world: SendWorld,
  { run, files, manifest }: PlannedRun,
  options: PushOptions,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const left: string[] = [];
  const failures: unknown[] = [];
  await mapAtOnce(
    files,
    async (planned) => {
      if (failures.length > 0) return;
      try {
        outcomes.push(await outcomeOf(world, planned, options));
      } catch (error) {
        if (hasCode(error, 'file-changed', 'file')) left.push((error as Error).message);
        else failures.push(error);
      }
    },
    options.filesAtOnce,
  );
  if (failures.length > 0) throw failures[0];
  if (left.length > 0)
    throw new InputError(
      'push-incomplete',
      `${run.folder}: ${left.length} of ${files.length} files were not sent, nor was run.json: ${left.join('; ')}`,
    );
  checkUnchanged(run);
  const last = await outcomeOf(world, manifest, options);
  return [...outcomes.sort((a, b) => (a.key < b.key ? -1 : 1)), last];
}
