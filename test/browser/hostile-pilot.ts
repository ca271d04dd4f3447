import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { memoryStores, Pipeline } from '../../cli/pipeline.ts';
import policy from '../../data/examples/policy.json' with { type: 'json' };
import prices from '../../data/examples/prices.json' with { type: 'json' };
import ramp from '../../data/examples/ramp.json' with { type: 'json' };
import { collect } from '../../functions/platform/bytes.ts';
import { prettyJson } from '../../functions/platform/hash.ts';
import { jsonLog } from '../../functions/platform/log.ts';

/** What would show that a name was taken for code. */
const OWNED = 'globalThis.owned=1';

/** Names that telemetry may bring along; none of them may do or change anything. */
export const HOSTILE: readonly string[] = [
  `<script>${OWNED}</script>`,
  `"><img src=x onerror="${OWNED}">`,
  `' onmouseover='${OWNED}`,
  `</td></tr></table></main><svg onload=${OWNED}>`,
  `</title></style><script>${OWNED}</script>`,
  `<iframe srcdoc="<script>parent.owned=1</script>">`,
  `<meta http-equiv=refresh content="0;url=https://example.com">`,
  `<base href="https://example.com/"><link rel=stylesheet href=//example.com/x.css>`,
  `javascript:${OWNED}`,
  `[a](javascript:${OWNED})`,
  `\u202egnp.exe\u2066`,
  'nul\u0000byte',
  '&lt;script&gt;&#x22;',
  `\${${OWNED}}{{7*7}}`,
  '=HYPERLINK("https://example.com","x")',
  '@SUM(1+1)*cmd|x!A0',
  '+1+1',
  '-2+3',
  `x<!--${'y'.repeat(10_000)}`,
];

/** Longer names of chips are refused by whoever reads them. */
const LONGEST_ID = 480;

/** Of the same length, and of letters alone; as different from each other as the hostile ones. */
const tameOf = (i: number): string => `n${i}`.padEnd((HOSTILE[i] as string).length, 'm');

export const NAMES = { hostile: HOSTILE, tame: HOSTILE.map((_, i) => tameOf(i)) } as const;
export type Names = keyof typeof NAMES;

const PROGRAM = 'p';
const NIGHTS = 3;
const RUN_S = 60;
const STEPS = 12;
const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 0, 10, 20);

const cell = (text: string): string => `"${text.replaceAll('"', '""')}"`;

function powerCsv(chips: readonly string[], startMs: number, watts: number): Uint8Array {
  const rows = Array.from({ length: RUN_S + 7 }, (_, s) =>
    chips.map((id, i) => `${startMs + (s - 3) * 1000},${cell(id)},chip,${watts + ((i * 7 + s) % 13)}`),
  ).flat();
  return Buffer.from(`${['time_unix_ms,scope,kind,power_w', ...rows].join('\n')}\n`);
}

function trainingJsonl(startMs: number, status: string): Uint8Array {
  const at = (step: number): number => startMs + (step * RUN_S * 1000) / STEPS;
  const lines: object[] = [{ time_unix_ms: at(0), event: 'run-start' }];
  for (let step = 1; step <= STEPS; step += 1)
    lines.push({ time_unix_ms: at(step), event: 'step', step, tokens: step * 10_000, loss: 3 - step / 20 });
  lines.push({ time_unix_ms: at(STEPS), event: 'run-stop', text: status });
  return Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

/** Uploads of a pilot in which every string that somebody else chooses is one of `names`. */
function uploads(names: readonly string[]): Map<string, Uint8Array> {
  const of = (i: number): string => names[i % names.length] as string;
  const files = new Map<string, Uint8Array>();
  const isHostile = names === HOSTILE;
  const sku = of(0);
  files.set(
    `${PROGRAM}/policy.json`,
    prettyJson({
      ...policy,
      name: of(1),
      description: of(2),
      priceBasis: of(3),
      monitoring: { kind: 'nightly', plannedNights: 10 },
      gates: policy.gates.map((g, i) => ({ ...g, id: `gate-${i}`, why: of(i) })),
    }),
  );
  files.set(
    `${PROGRAM}/prices.json`,
    prettyJson({
      ...prices,
      name: of(3),
      description: of(4),
      source: of(5),
      perChipHour: prices.perChipHour.map((p, i) => (i === 0 ? { ...p, sku } : p)),
    }),
  );
  files.set(`${PROGRAM}/ramp.json`, prettyJson({ ...ramp, name: of(6), description: of(7) }));
  for (let night = 0; night < NIGHTS; night += 1)
    for (const role of ['candidate', 'baseline'] as const) {
      const isCandidate = role === 'candidate';
      const startMs = START_MS + night * DAY_MS + (isCandidate ? 0 : 3_600_000);
      const run = `${role}-${night}`;
      const chips = names.map((n) => (isCandidate ? n : `${n}b`).slice(0, LONGEST_ID));
      // A path part may hold anything but a slash and control characters.
      const path = isHostile ? `<img src=x onerror=${OWNED}> 'power'.csv` : `nimg-power-mmmmmmm.csv`;
      files.set(
        `${PROGRAM}/${run}/run.json`,
        prettyJson({
          schema: 'wattline/run@1',
          program: PROGRAM,
          run,
          role,
          sku: isCandidate ? sku : 'H100-SXM-80GB',
          workload: { name: of(8), qualityTarget: of(9) },
          workUnit: 'token',
          system: { name: of(10 + (isCandidate ? 0 : 1)), nodes: 1, chipsPerNode: chips.length },
          chips: chips.map((id, i) => ({
            id,
            lot: of(i % 3),
            bin: of(i + 1),
            stepping: of(i + 2),
            node: of(i + 3),
            slot: of(i + 4),
            firmware: of(i + 5),
          })),
          quality: { metric: of(12), target: 1, reached: true },
          site: { name: of(13), pue: 1.2, carbonIntensityGPerKwh: 300, carbonSource: of(14) },
          files: [{ pattern: '*.csv', boundary: 'chip' }],
        }),
      );
      files.set(`${PROGRAM}/${run}/${path}`, powerCsv(chips, startMs, isCandidate ? 500 : 620));
      files.set(`${PROGRAM}/${run}/training.jsonl`, trainingJsonl(startMs, night === 0 ? of(0) : 'success'));
      // A file that nobody can read: its raw rows go into quarantine, its name into the report.
      files.set(
        `${PROGRAM}/${run}/${isHostile ? '"><b>notes' : 'nnnnnnnotes'}.csv`,
        Buffer.from(`${cell(of(1))},b\n${cell(of(2))},c\n`),
      );
    }
  return files;
}

export interface Published {
  /** By key in the reports. */
  readonly files: ReadonlyMap<string, string>;
  readonly deadLetters: number;
}

/** The whole way from the uploads to the reports, by the handlers that are deployed. */
export async function publish(names: Names, folder: string): Promise<Published> {
  const stores = memoryStores();
  const pipeline = new Pipeline(
    stores,
    jsonLog(() => {}),
  );
  for (const [key, body] of uploads(NAMES[names])) await pipeline.stores.landing.put(key, body);
  await pipeline.drain();
  for (let night = 0; night < NIGHTS; night += 1)
    await pipeline.night(new Date(START_MS + night * DAY_MS).toISOString());
  const files = new Map<string, string>();
  for await (const { key } of stores.reports.list('')) {
    const text = Buffer.from(await collect((await stores.reports.get(key)).body)).toString('utf8');
    files.set(key, text);
    const path = join(folder, key);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return { files, deadLetters: pipeline.deadLetters.length };
}
