import { type Bench, sizeOf } from '../bench.ts';
import { alternate, type Contender } from '../contender.ts';
import { fleetCsv, pieces } from '../generate.ts';
import {
  dcgmPages,
  firstBytes,
  mlperfPower,
  nvidiaSmi,
  otlpLines,
  PERIOD_MS,
  START,
} from '../generate-formats.ts';
import { megabytes, ratio, type Section, seconds } from '../section.ts';

/** Time a byte, to that of CSV. */
const TIME_RATIO = 3;
const BYTES = 1e8;
const QUICK_BYTES = 1e7;

type Rule = Parameters<Bench['ours']>[3];
interface Kind {
  readonly title: string;
  readonly upload: string;
  readonly rule: Rule;
  readonly lines: (bench: Bench) => Iterable<string>;
}

const KINDS: readonly Kind[] = [
  {
    title: 'Wattline CSV',
    upload: 'fleet.csv',
    rule: { boundary: 'chip' },
    lines: (bench) => fleetCsv(bench.fleet(Number.MAX_SAFE_INTEGER)),
  },
  { title: 'nvidia-smi CSV with units', upload: 'smi.csv', rule: { timeZone: 'UTC' }, lines: nvidiaSmi },
  {
    title: 'pages of dcgm-exporter',
    upload: 'dcgm.prom',
    rule: { startTime: START, periodMs: PERIOD_MS },
    lines: dcgmPages,
  },
  { title: 'MLPerf power log', upload: 'node_0.txt', rule: { boundary: 'node-ac' }, lines: mlperfPower },
  { title: 'OTLP JSON lines', upload: 'otlp.jsonl', rule: { boundary: 'chip' }, lines: otlpLines },
];

/** Speed of the ingest by format, over files of about one size. */
export async function formats(bench: Bench): Promise<Section> {
  const limit = bench.isQuick ? QUICK_BYTES : BYTES;
  const contenders: Contender[] = [];
  const sizes: number[] = [];
  for (const { title, upload, rule, lines } of KINDS) {
    const path = await bench.file(`format-${upload}`, () => pieces(firstBytes(lines(bench), limit)));
    contenders.push(bench.ours(title, path, upload, rule));
    sizes.push(sizeOf(path));
  }
  const results = await alternate(contenders, bench.repetitions);
  const msAByte = results.map(({ ms }, i) => ms / (sizes[i] as number));
  const relative = msAByte.map((ms) => ms / (msAByte[0] as number));
  return {
    title: 'Speed by format',
    columns: ['format', 'read as', 'rows', 'time', 'MB/s', 'time a byte, to CSV', 'peak memory'],
    rows: results.map(({ name, ms, made, peakBytes }, i) => [
      name,
      `\`${made.format}\``,
      String(made.rows),
      seconds(ms),
      (1 / (msAByte[i] as number) / 1e3).toFixed(0),
      ratio(relative[i] as number),
      megabytes(peakBytes),
    ]),
    notes: [
      `Files of ${megabytes(limit)}: the CSV has 12 columns of 1,000 chips, the others are of one host of 8 GPUs.`,
    ],
    targets: results.slice(1).map(({ name }, i) => ({
      what: `${name}, time a byte to CSV`,
      reached: relative[i + 1] as number,
      atMost: TIME_RATIO,
    })),
    failures: results
      .filter(({ made }) => made.rows === 0 || made.rejected !== 0)
      .map(
        ({ name, made }) =>
          `${name}: ${made.rejected} of ${made.rows} rows rejected, expected some rows and none`,
      ),
  };
}
