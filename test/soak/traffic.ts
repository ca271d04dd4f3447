import { gzipSync } from 'node:zlib';
import { Random } from '../../cli/simulate/random.ts';
import type { RunManifest } from '../../functions/core/telemetry/manifest.ts';
import { prettyJson } from '../../functions/platform/hash.ts';
import { landingKey, manifestKey, policyKey } from '../../functions/platform/layout.ts';

/** One object as somebody uploads it, so long after its run's first. */
export interface Upload {
  readonly key: string;
  readonly body: Uint8Array;
  readonly afterS: number;
  /** In parts, as large files come. */
  readonly isInParts: boolean;
}

const PROGRAMS = 6;
const CHIPS = 8;
const STEPS = 20;
const LONGEST_S = 900;
const SHORTEST_S = 60;
const START_MS = Date.UTC(2026, 1, 1, 20);
const NIGHT_MS = 86_400_000;
const NIGHTS = 20;
/** Files of a run come within this. */
const SPREAD_S = 40;

export const programName = (i: number): string => `soak-${i % PROGRAMS}`;

const POLICY = {
  schema: 'wattline/policy@1',
  name: 'soak',
  description: 'Less energy per token',
  priceBasis: 'semianalysis-hyperscaler',
  gates: [
    { id: 'energy', metric: 'energy-per-token', kind: 'superiority', duty: 'required', minimumRuns: 2 },
  ],
};

const manifest = (program: string, run: string, change: Partial<RunManifest> = {}): Uint8Array =>
  prettyJson({
    schema: 'wattline/run@1',
    program,
    run,
    role: run.startsWith('c') ? 'candidate' : 'baseline',
    sku: run.startsWith('c') ? 'own-chip' : 'H100-SXM-80GB',
    workload: { name: 'w' },
    workUnit: 'token',
    system: { name: run.slice(0, 1), nodes: 1, chipsPerNode: CHIPS },
    files: [{ pattern: 'power*', boundary: 'chip' }],
    ...change,
  } satisfies RunManifest);

function powerCsv(random: Random, startMs: number, lengthS: number, spoiled: number): Uint8Array {
  const rows = ['time_unix_ms,scope,kind,power_w'];
  for (let s = -3; s < lengthS + 3; s += 1)
    for (let chip = 0; chip < CHIPS; chip += 1)
      rows.push(`${startMs + s * 1000},n0/${chip},chip,${(600 + 60 * random.uniform()).toFixed(1)}`);
  for (let i = 0; i < spoiled; i += 1) rows[1 + random.below(rows.length - 1)] = `${startMs},n0/0,chip,none`;
  return Buffer.from(`${rows.join('\n')}\n`);
}

function trainingJsonl(startMs: number, lengthS: number): Uint8Array {
  const at = (step: number): number => startMs + Math.round((step * lengthS * 1000) / STEPS);
  const lines: object[] = [{ time_unix_ms: at(0), event: 'run-start' }];
  for (let step = 1; step <= STEPS; step += 1)
    lines.push({
      time_unix_ms: at(step),
      event: 'step',
      step,
      samples: step,
      tokens: step * 1000,
      loss: 3 - step / 30,
    });
  lines.push({ time_unix_ms: at(STEPS), event: 'run-stop', text: 'success' });
  return Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

/** What is there before the traffic begins: the programs' policies, and a run of each that is announced. */
export function firstUploads(): Upload[] {
  return Array.from({ length: PROGRAMS }, (_, i) => programName(i)).flatMap((program) => [
    { key: policyKey(program), body: prettyJson(POLICY), afterS: 0, isInParts: false },
    { key: manifestKey(program, 'b-first'), body: manifest(program, 'b-first'), afterS: 0, isInParts: false },
  ]);
}

/**
 * The uploads of the `i`-th run, with what goes wrong with uploads: rows that cannot be read, a file that is no
 * telemetry, one that is overwritten, the same bytes again, a manifest that comes last or is edited, a key that no run
 * can have.
 */
export function runUploads(seed: number, i: number): Upload[] {
  const random = new Random(seed, 'run', i);
  const program = programName(i);
  const run = `${i % (2 * PROGRAMS) < PROGRAMS ? 'b' : 'c'}-${i}`;
  const startMs = START_MS + (i % NIGHTS) * NIGHT_MS + i * 1000;
  const lengthS = Math.round(random.uniform(SHORTEST_S, LONGEST_S));
  const uploads: Upload[] = [];
  const add = (path: string, body: Uint8Array, afterS = random.uniform(0, SPREAD_S)): void => {
    uploads.push({ key: landingKey(program, run, path), body, afterS, isInParts: random.below(5) === 0 });
  };
  const power = powerCsv(random, startMs, lengthS, random.below(3) === 0 ? 3 : 0);
  const isLate = random.below(4) === 0;
  const manifestS = isLate ? SPREAD_S : 0;
  add('run.json', manifest(program, run), manifestS);
  if (random.below(3) === 0) add('power.csv.gz', gzipSync(power));
  else {
    add('power.csv', power);
    if (random.below(4) === 0) add('power.csv', powerCsv(random, startMs, lengthS, 0), SPREAD_S * 1.2);
    if (random.below(6) === 0) add('power.csv', power, SPREAD_S * 1.5);
  }
  add('training.jsonl', trainingJsonl(startMs, lengthS));
  if (random.below(3) === 0) add('power-notes.csv', Buffer.from('these,are\nno,readings\n'));
  if (random.below(6) === 0)
    add(
      'run.json',
      manifest(program, run, { files: [{ pattern: 'power*', boundary: 'chip', clockOffsetMs: -500 }] }),
      SPREAD_S * 1.6,
    );
  if (random.below(12) === 0)
    uploads.push({
      key: `${program}/not a run/power.csv`,
      body: power.subarray(0, 200 + i),
      afterS: 5,
      isInParts: false,
    });
  return uploads.sort((a, b) => a.afterS - b.afterS);
}
