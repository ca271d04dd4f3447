import type { Bench } from './bench.ts';
import { type Result, runOnce } from './contender.ts';

/** Sums and per-window numbers may differ by the order of their additions, and by nothing else. */
const TOLERANCE = 1e-9;

interface Difference {
  readonly windows: number;
  readonly readings: number;
  readonly energyJ: number;
  readonly theirEnergyJ: number;
  readonly countedJ: number;
  readonly theirCountedJ: number;
  readonly resets: number;
  readonly largest: number | null;
}

const apart = (a: number, b: number): number => Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b));

/** Compares the windows of two outputs. Says what was compared, and what differs. */
export async function compare(
  bench: Bench,
  ours: Result,
  theirs: { readonly name: string; readonly parquet: string; readonly hasLedger: boolean },
): Promise<{ note: string; failures: string[] }> {
  const { made } = await runOnce(
    bench.duckdb(`comparing with ${theirs.name}`, {
      job: 'compare',
      ours: String(ours.made.segments),
      theirs: theirs.parquet,
      hasLedger: theirs.hasLedger,
    }),
  );
  const found = made as unknown as Difference;
  const accepted = Number(ours.made.rows) - Number(ours.made.rejected);
  const checks: readonly (readonly [string, boolean])[] = [
    [`${found.readings} readings in windows, ${accepted} rows accepted`, found.readings === accepted],
    [
      `energy ${found.energyJ} J and ${found.theirEnergyJ} J`,
      apart(found.energyJ, found.theirEnergyJ) <= TOLERANCE,
    ],
    [
      `counted energy ${found.countedJ} J and ${found.theirCountedJ} J`,
      apart(found.countedJ, found.theirCountedJ) <= TOLERANCE,
    ],
    [
      `a number of some window differs by ${found.largest}`,
      found.largest !== null && found.largest <= TOLERANCE,
    ],
  ];
  return {
    note:
      `Same results as ${theirs.name}: ${found.windows} windows of ${found.readings} readings with ${found.resets} counter ` +
      `resets compared number by number, largest relative difference ${(found.largest ?? Number.NaN).toExponential(1)}.`,
    failures: checks.filter(([, holds]) => !holds).map(([what]) => `${theirs.name}: ${what}`),
  };
}
