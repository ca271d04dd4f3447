import { gzipSync } from 'node:zlib';
import type * as z from 'zod';
import type { PolicySchema } from '../../../functions/core/decision/policy.ts';
import type { RunManifest } from '../../../functions/core/telemetry/manifest.ts';
import { prettyJson } from '../../../functions/platform/hash.ts';
import { landingKey, manifestKey, policyKey } from '../../../functions/platform/layout.ts';
import type { Bucket } from './bucket.ts';

/** One object as somebody uploads it or takes it away, so long after the first. */
export interface Upload {
  readonly key: string;
  /** Null: it is deleted, or ends by a rule, whereupon not even its versions are there. */
  readonly body: Uint8Array | null;
  readonly atS: number;
  readonly isExpiry?: boolean;
  /** In parts, as large files come. */
  readonly isInParts?: boolean;
}

/** What an upload does to the bucket. */
export function carryOut(bucket: Bucket, { key, body, isExpiry, isInParts }: Upload): void {
  if (body) bucket.put(key, body, { reason: isInParts ? 'CompleteMultipartUpload' : 'PutObject' });
  else if (isExpiry) bucket.expire(key);
  else bucket.delete(key);
}

export const PROGRAM = 'p';
export const RUNS = ['b1', 'b2', 'c1', 'c2'] as const;
type Run = (typeof RUNS)[number];

const START_MS = Date.UTC(2026, 0, 10, 20);
const RUN_S = 12;
/** Readings begin before the run and end after it, so that its ends fall into a file, which is read again for them. */
const MARGIN_S = 3;
const NIGHT_MS = 86_400_000;
const STEPS = 6;

const startMs = (run: Run): number => START_MS + (Number(run[1]) - 1) * NIGHT_MS;

function powerCsv(run: Run, powerW: number, spoiled: readonly number[] = []): Uint8Array {
  const rows = Array.from({ length: RUN_S + 2 * MARGIN_S }, (_, i) => {
    const timeMs = startMs(run) + (i - MARGIN_S) * 1000;
    return spoiled.includes(i)
      ? `${timeMs},n0,node,no number at all`
      : `${timeMs},n0,node,${powerW + ((i * 37) % 11)}`;
  });
  return Buffer.from(`${['time_unix_ms,scope,kind,power_w', ...rows].join('\n')}\n`);
}

function trainingJsonl(run: Run): Uint8Array {
  const at = (step: number): number => startMs(run) + (step * RUN_S * 1000) / STEPS;
  const lines: object[] = [{ time_unix_ms: at(0), event: 'run-start' }];
  for (let step = 1; step <= STEPS; step += 1)
    lines.push({
      time_unix_ms: at(step),
      event: 'step',
      step,
      samples: step * 10,
      tokens: step * 1000,
      loss: 3 - step / 10,
    });
  lines.push({ time_unix_ms: at(STEPS), event: 'run-stop', text: 'success' });
  return Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

const manifest = (run: Run, change: Partial<RunManifest> = {}): Uint8Array =>
  prettyJson({
    schema: 'wattline/run@1',
    program: PROGRAM,
    run,
    role: run.startsWith('c') ? 'candidate' : 'baseline',
    sku: run.startsWith('c') ? 'own-chip' : 'H100-SXM-80GB',
    workload: { name: 'w' },
    workUnit: 'token',
    system: { name: run.slice(0, 1), nodes: 1, chipsPerNode: 8 },
    files: [{ pattern: 'power*', boundary: 'node-dc' }],
    ...change,
  } satisfies RunManifest);

const file = (run: Run, path: string, atS: number, body: Uint8Array): Upload => ({
  key: landingKey(PROGRAM, run, path),
  body,
  atS,
});
const gone = (run: Run, path: string, atS: number, isExpiry = false): Upload => ({
  key: landingKey(PROGRAM, run, path),
  body: null,
  atS,
  isExpiry,
});
const inParts = (upload: Upload): Upload => ({ ...upload, isInParts: true });
const declared = (run: Run, atS: number, change: Partial<RunManifest> = {}): Upload => ({
  key: manifestKey(PROGRAM, run),
  body: manifest(run, change),
  atS,
});

/** One gate, which passes once both sides have their two runs: the verdict changes while the faults go on. */
const POLICY: z.input<typeof PolicySchema> = {
  schema: 'wattline/policy@1',
  name: 'two-runs',
  description: 'Less energy per token, from two runs a side',
  priceBasis: 'semianalysis-hyperscaler',
  monitoring: { kind: 'once' },
  gates: [
    {
      id: 'energy',
      metric: 'energy-per-token',
      kind: 'superiority',
      duty: 'required',
      alpha: 0.4,
      minimumRuns: 2,
    },
  ],
};

/** How many of the uploads the first night already finds. */
export const BEFORE_THE_FIRST_NIGHT = 2;

/** Two runs a side, with what goes wrong with uploads: in the order in which they are made. */
export const UPLOADS: readonly Upload[] = [
  { key: policyKey(PROGRAM), body: prettyJson(POLICY), atS: 0 },
  // Rows that cannot be read, and the same bytes once more.
  declared('c1', 0),
  file('c1', 'power.csv', 2, powerCsv('c1', 700, [4, 9])),
  file('c1', 'training.jsonl', 4, trainingJsonl('c1')),
  file('c1', 'power.csv', 400, powerCsv('c1', 700, [4, 9])),
  // A file that ends by a rule of the bucket, not even its versions stay: about when it is read.
  file('c1', 'power-old.csv', 20, powerCsv('c1', 705)),
  gone('c1', 'power-old.csv', 26, true),
  // A manifest that comes long after the files, one of which is compressed.
  inParts(file('c2', 'power.csv.gz', 6, gzipSync(powerCsv('c2', 710)))),
  file('c2', 'training.jsonl', 8, trainingJsonl('c2')),
  declared('c2', 500),
  // A file that is refused, and one that is overwritten.
  declared('b1', 10),
  inParts(file('b1', 'power.csv', 11, powerCsv('b1', 790))),
  file('b1', 'power-notes.csv', 12, Buffer.from('these,are\nno,readings\n')),
  file('b1', 'training.jsonl', 13, trainingJsonl('b1')),
  file('b1', 'power.csv', 60, powerCsv('b1', 800)),
  // A manifest that is edited: the file is read again, in another way.
  declared('b2', 14),
  file('b2', 'power.csv', 15, powerCsv('b2', 801)),
  file('b2', 'training.jsonl', 16, trainingJsonl('b2')),
  // A file that an operator deletes, and one that is deleted and comes again.
  file('b2', 'power-other.csv', 17, powerCsv('b2', 805)),
  gone('b2', 'power-other.csv', 90),
  gone('b2', 'training.jsonl', 40),
  file('b2', 'training.jsonl', 100, trainingJsonl('b2')),
  declared('b2', 70, { files: [{ pattern: 'power*', boundary: 'node-dc', clockOffsetMs: -500 }] }),
];
