import { type Bench, sha256Of, sizeOf } from '../bench.ts';
import { compare } from '../compare.ts';
import { alternate, type Result, runOnce } from '../contender.ts';
import { COST_COLUMNS, costRow, megabytes, ratioRow, type Section } from '../section.ts';

const TIME_RATIO = 0.4;
const MEMORY_RATIO = 0.3;
const TITLE = 'CSV, beside DuckDB';

/** The whole ingest of a fleet's CSV beside DuckDB doing the same job, and beside a simpler one. */
export async function csv(bench: Bench): Promise<Section> {
  const path = await bench.fleetFile();
  const parquet = bench.path('duckdb.parquet');
  const spill = bench.path('spill');
  const ourJob = bench.ours('Wattline ingest', path, 'fleet.csv', { boundary: 'chip' });
  const same = bench.duckdb('DuckDB, same job', { job: 'same', csv: path, parquet, spill });
  const plain = bench.duckdb('DuckDB, plain group-by', {
    job: 'plain',
    csv: path,
    parquet: bench.path('plain.parquet'),
    spill,
  });
  // Puts the file into the page cache for everyone; its output has to be that of every later run.
  const first = await runOnce({ ...ourJob, name: 'Wattline ingest (first, not timed)' });
  const [ours, theirs, simple] = (await alternate([ourJob, same, plain], bench.repetitions)) as [
    Result,
    Result,
    Result,
  ];
  const bytes = sizeOf(path);
  const compared = await compare(bench, ours, { name: theirs.name, parquet, hasLedger: true });
  const repeated = await sameBytes([first.made, ...ours.all]);
  return {
    title: TITLE,
    columns: COST_COLUMNS,
    rows: [
      ...[ours, theirs, simple].map((result) => costRow(result, bytes)),
      ratioRow('Wattline / DuckDB, same job', ours, theirs),
      ratioRow('Wattline / DuckDB, plain group-by', ours, simple),
    ],
    notes: [
      `${bench.rows} rows, 12 columns, 1,000 chips at 1 Hz, ${megabytes(bytes)}; ${ours.made.rejected} rows rejected ` +
        `(${theirs.made.rejected} of them have no number where one belongs, and DuckDB lists those; the others are out of range).`,
      compared.note,
      repeated.note,
    ],
    targets: [
      { what: 'CSV, time to DuckDB doing the same job', reached: ours.ms / theirs.ms, atMost: TIME_RATIO },
      {
        what: 'CSV, peak memory to DuckDB doing the same job',
        reached: ours.peakBytes / theirs.peakBytes,
        atMost: MEMORY_RATIO,
      },
    ],
    failures: [...compared.failures, ...repeated.failures],
  };
}

/** Every run writes the same bytes. */
async function sameBytes(
  made: readonly Readonly<Record<string, unknown>>[],
): Promise<{ note: string; failures: string[] }> {
  const hashes = await Promise.all(made.map(({ segments }) => sha256Of(String(segments))));
  const distinct = new Set(hashes);
  return {
    note: `Output of ${made.length} runs: ${distinct.size === 1 ? 'the same bytes' : 'not the same bytes'} (sha256 ${hashes[0]?.slice(0, 16)}...).`,
    failures:
      distinct.size === 1
        ? []
        : [`${distinct.size} different outputs of ${made.length} runs over the same file`],
  };
}
