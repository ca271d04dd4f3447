import { createWriteStream } from 'node:fs';
import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';

/** A fleet that is read once a second: what every benchmark file is made of. */
export interface FleetOptions {
  readonly rows: number;
  readonly chips: number;
  readonly startMs: number;
}

const HEADER =
  'time,scope,power_w,temperature_c,clock_hz,utilization_ratio,tensor_active_ratio,throttled_power_ratio,throttled_thermal_ratio,energy_j,ecc_corrected_total,work_total\n';

/** Numbers without a library and the same every time (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Lines of Wattline CSV, in pieces of about a megabyte: 12 columns, time-ordered, chips in turn, ms jitter. */
export function* fleetCsv({ rows, chips, startMs }: FleetOptions): Generator<string> {
  const next = random(1);
  const ids = Array.from({ length: chips }, (_, i) => `chip-${String(i).padStart(4, '0')}`);
  const energy = ids.map(() => next() * 1e6);
  const work = ids.map(() => 0);
  let piece = HEADER;
  for (let row = 0; row < rows; row += 1) {
    const chip = row % chips;
    const poll = Math.floor(row / chips);
    const time = new Date(startMs + poll * 1000 + Math.floor(next() * 4)).toISOString();
    const watts = 350 + 250 * next();
    energy[chip] = (energy[chip] as number) + watts;
    work[chip] = (work[chip] as number) + Math.floor(9_000 + 2_000 * next());
    piece += `${time},${ids[chip]},${watts.toFixed(2)},${(45 + 25 * next()).toFixed(1)},${Math.round(1.2e9 + 7e8 * next())},`;
    piece += `${(0.8 + 0.2 * next()).toFixed(3)},${(0.3 + 0.4 * next()).toFixed(4)},${next() < 0.1 ? 1 : 0},0,`;
    piece += `${(energy[chip] as number).toFixed(3)},${Math.floor(poll / 600)},${work[chip]}\n`;
    if (piece.length > 1_000_000) {
      yield piece;
      piece = '';
    }
  }
  yield piece;
}

export async function writeFile(path: string, pieces: Iterable<string>, through?: NodeJS.ReadWriteStream): Promise<void> {
  const file = createWriteStream(path);
  const sink = through ?? file;
  if (through) through.pipe(file);
  for (const piece of pieces)
    if (!sink.write(piece)) await new Promise<void>((resolve) => sink.once('drain', () => resolve()));
  sink.end();
  await finished(file as Writable);
}
