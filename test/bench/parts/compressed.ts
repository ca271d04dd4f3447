import { type Bench, sizeOf } from '../bench.ts';
import { alternate, decompression, type Result } from '../contender.ts';
import { COST_COLUMNS, costRow, megabytes, ratioRow, type Section } from '../section.ts';

const TIME_RATIO = 1.35;
const LARGE_CHUNK_BYTES = 2 ** 20;
const CODECS = [
  { codec: 'gzip', upload: 'fleet.csv.gz', node: 'Node gunzip' },
  { codec: 'zstd', upload: 'fleet.csv.zst', node: 'Node zstd' },
] as const;

/** The ingest of compressed CSV beside Node's own decompression of the same bytes, which then drops them. */
export async function compressed(bench: Bench): Promise<Section> {
  const plain = await bench.fleetFile();
  const rows: string[][] = [];
  const sizes: string[] = [];
  const targets: Section['targets'][number][] = [];
  for (const { codec, upload, node } of CODECS) {
    const path = await bench.compressed(plain, codec);
    const [ours, theirs, large] = (await alternate(
      [
        bench.ours(`Wattline ingest, ${codec}`, path, upload, { boundary: 'chip' }),
        decompression(node, { path, codec, chunkBytes: null }),
        decompression(`${node}, 1 MiB at a time`, { path, codec, chunkBytes: LARGE_CHUNK_BYTES }),
      ],
      bench.repetitions,
    )) as [Result, Result, Result];
    rows.push(
      ...[ours, theirs, large].map((result) => costRow(result, sizeOf(plain))),
      ratioRow(`Wattline / ${node}`, ours, theirs),
      ratioRow(`Wattline / ${node}, 1 MiB at a time`, ours, large),
    );
    sizes.push(`${megabytes(sizeOf(path))} as ${codec}`);
    targets.push({ what: `${codec}, time to ${node}`, reached: ours.ms / theirs.ms, atMost: TIME_RATIO });
  }
  return {
    title: 'Compressed CSV, beside decompression alone',
    columns: COST_COLUMNS,
    rows,
    notes: [
      `${sizes.join(', ')} (level 6 and 3); MB/s of decompressed bytes. Decompression drops what it makes; ours reads it.`,
    ],
    targets,
    failures: [],
  };
}
