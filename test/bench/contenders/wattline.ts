import { createReadStream, statSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';
import type { FileRule } from '../../../functions/core/telemetry/manifest.ts';
import { ingest } from '../../../functions/ingest/ingest.ts';
import { DirectoryStore } from '../../../functions/platform/directory-store.ts';
import { MemoryStore } from '../../../functions/platform/memory-store.ts';
import type { GetOptions, ObjectStore, StoredObject } from '../../../functions/platform/object-store.ts';
import { prepareReader } from '../../../functions/platform/reader-thread.ts';
import { argumentsOf, measured } from './measured.ts';

interface FileInput {
  readonly path: string;
}

/** What comes on standard input. A store knows the size of its objects; here it is told, about. */
interface PipeInput {
  readonly sizeBytes: number;
}

export interface WattlineArguments {
  readonly input: FileInput | PipeInput;
  /** Name that it was uploaded under. */
  readonly name: string;
  readonly rule: Omit<FileRule, 'pattern'>;
  /** Where each run makes a lake of its own: in one that has the result already there is nothing to do. */
  readonly lakes: string;
}

const RUN = {
  schema: 'wattline/run@1',
  program: 'bench',
  run: 'r1',
  role: 'candidate',
  sku: 'any',
  workload: { name: 'any' },
  workUnit: 'token',
  system: { name: 'any', nodes: 1 },
};
const READ_BYTES = 256 * 1024;
/** By then its thread has started. */
const START_MS = 200;

/** A landing bucket whose one large object is a stream, so that neither copying it nor holding it is measured. */
class StreamedLanding extends MemoryStore {
  private readonly key: string;
  private readonly input: FileInput | PipeInput;

  constructor(key: string, input: FileInput | PipeInput) {
    super('landing');
    this.key = key;
    this.input = input;
  }

  override async get(key: string, options?: GetOptions): Promise<StoredObject> {
    const { input } = this;
    if (key !== this.key) return super.get(key, options);
    const object = { key, version: '1', etag: '"1"' };
    if ('sizeBytes' in input) return { ...object, sizeBytes: input.sizeBytes, body: process.stdin };
    const body = createReadStream(input.path, { highWaterMark: READ_BYTES });
    return { ...object, sizeBytes: statSync(input.path).size, body, isOwned: true };
  }
}

async function main(): Promise<void> {
  const { input, name, rule, lakes } = argumentsOf<WattlineArguments>();
  const key = `bench/r1/${name}`;
  const landing: ObjectStore = new StreamedLanding(key, input);
  const manifest = { ...RUN, files: [{ pattern: '**', ...rule }] };
  await landing.put('bench/r1/run.json', Buffer.from(JSON.stringify(manifest)));
  const lake = new DirectoryStore('lake', await mkdtemp(join(lakes, 'lake-')));

  // As the function does while it loads.
  prepareReader();
  await setTimeout(START_MS);
  await measured(async () => {
    const { kind, receipt } = await ingest({ landing, lake, requeue: async () => {} }, { key, version: '1' });
    const segments = receipt?.outputs.segments;
    if (kind !== 'ingested' || !receipt || !segments)
      throw new Error(
        `${name}: ${kind} ${receipt?.refusal?.message ?? ''}; expected it to be ingested with segments`,
      );
    const { format, rows, rejected } = receipt;
    return { format, rows, rejected, segments: lake.pathOf(segments) };
  });
}

// The bundle is the reader's thread as well.
if (isMainThread) await main();
