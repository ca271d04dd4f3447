import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { Gate } from '../../cli/push/gate.ts';
import type { LandingBucket } from '../../cli/push/landing-bucket.ts';
import { type LocalRunOptions, readLocalRun } from '../../cli/push/local-run.ts';
import { checkUnoccupied, type Outcome, planRun, pushRun } from '../../cli/push/push-runs.ts';
import example from '../../data/examples/run.json' with { type: 'json' };
import { PushServer } from './push-server.ts';

/** Smaller than S3 takes them, which the server here does not mind. */
export const PART = 2 ** 18;
export const RUN = { ...example, program: 'p', run: 'r' };
export const CSV = Buffer.from(
  `timestamp, power.draw [W]\n${'2026/01/31 00:00:00.000, 612.25 W\n'.repeat(5_000)}`,
);
/** Three parts and a bit, of which no two are alike. */
export const LARGE = Buffer.alloc(3 * PART + 12_345);
for (let at = 0; at + 4 <= LARGE.length; at += 64) LARGE.writeUInt32LE(at, at);

export interface Push extends LocalRunOptions {
  readonly isOverwrite?: boolean;
  readonly atOnce?: number;
  readonly onDone?: (bytes: number) => void;
  /** After the plan, before anything is sent. */
  readonly meanwhile?: () => void;
}

/** A run folder and a bucket, fresh for each test. */
export class PushWorld {
  folder = '';
  server = new PushServer();
  private bucket: LandingBucket | null = null;

  constructor() {
    beforeEach(async () => {
      this.folder = mkdtempSync(join(tmpdir(), 'wattline-push-'));
      this.server = await new PushServer().listen();
      this.bucket = await this.server.bucket();
      this.put('run.json', JSON.stringify(RUN));
    });
    afterEach(async () => {
      await this.server.close();
      rmSync(this.folder, { recursive: true, force: true });
    });
  }

  /** Writes a file of the run. */
  put(path: string, content: string | Uint8Array): string {
    const at = join(this.folder, path);
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, content);
    return at;
  }

  /** As the command does it. */
  async push({
    isOverwrite = false,
    atOnce = 4,
    onDone = () => {},
    meanwhile,
    ...options
  }: Push = {}): Promise<Outcome[]> {
    const bucket = this.bucket as LandingBucket;
    const plan = await planRun(bucket, await readLocalRun(this.folder, options));
    if (!isOverwrite) checkUnoccupied(bucket, [plan]);
    meanwhile?.();
    const world = {
      bucket,
      gate: new Gate(atOnce),
      onDone,
      partBytesOf: () => PART,
      wait: async () => {},
      random: () => 0.5,
    };
    return pushRun(world, plan, { isOverwrite, filesAtOnce: atOnce });
  }

  bodyOf(path: string): Uint8Array | undefined {
    return this.server.objects.get(`p/r/${path}`)?.body;
  }

  /** By a comparison of bytes: the difference of two large buffers, item by item, nobody wants to read. */
  isSent(path: string, content: Uint8Array): boolean {
    return Buffer.from(this.bodyOf(path) ?? 'none').equals(content);
  }
}

/** What became of each file, by its path below the run. */
export const outcomes = (of: readonly Outcome[]): Record<string, string> =>
  Object.fromEntries(of.map(({ key, outcome }) => [key.slice('p/r/'.length), outcome]));
