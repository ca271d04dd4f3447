import type { Bench } from '../bench.ts';
import { runOnce, wattline } from '../contender.ts';
import { fleetCsv, pieces } from '../generate.ts';
import { megabytes, type Section, seconds } from '../section.ts';

const LIMIT_MB = 200;
/** Largest to smallest input that has filled every buffer. */
const GROWTH = 1.2;
const ROW_BYTES = 97;
const QUICK_BYTES = [1e7, 1e8];
const BYTES = [...QUICK_BYTES, 1e9, 3e9];

/** Peak memory of an ingest by the size of its input, which comes through a pipe: there is no file. */
export async function memory(bench: Bench): Promise<Section> {
  const rows: string[][] = [];
  const peaks: number[] = [];
  for (const bytes of bench.isQuick ? QUICK_BYTES : BYTES) {
    const fleet = bench.fleet(Math.round(bytes / ROW_BYTES));
    const { ms, peakBytes, made } = await runOnce(
      wattline(
        `Wattline ingest, ${megabytes(bytes)}`,
        bench.bundle,
        { input: { sizeBytes: bytes }, name: 'fleet.csv', rule: { boundary: 'chip' }, lakes: bench.lakes },
        () => pieces(fleetCsv(fleet)),
      ),
    );
    peaks.push(peakBytes);
    rows.push([megabytes(bytes), String(made.rows), megabytes(peakBytes), seconds(ms)]);
  }
  const [, settled = 0] = peaks;
  return {
    title: 'Memory by size of input',
    columns: ['input', 'rows', 'peak memory', 'time, making the input included'],
    rows,
    notes: [],
    targets: [
      {
        what: 'Peak memory, largest input',
        reached: Math.max(...peaks) / 1e6,
        atMost: LIMIT_MB,
        unit: ' MB',
      },
      ...(bench.isQuick
        ? []
        : [
            {
              what: 'Peak memory, 3 GB to 100 MB of input',
              reached: (peaks.at(-1) as number) / settled,
              atMost: GROWTH,
            },
          ]),
    ],
    failures: [],
  };
}
