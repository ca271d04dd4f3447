/** A fleet that is read once a second: what the benchmark's CSV is made of. */
export interface Fleet {
  readonly rows: number;
  readonly chips: number;
  /** Rows that no reader may take, spread over the file: half without a number, half out of range. */
  readonly badRows: number;
}

const START_MS = Date.UTC(2026, 0, 31, 12);
const PERIOD_MS = 1000;
/** Readings come up to this much late. */
const JITTER_MS = 4;
/** Every so many chips loses its counters once: they begin again at zero. */
const RESET_EVERY_CHIPS = 97;
const RESET_AT_POLL = 90;
/** A corrected ECC error this often. */
const ECC_PERIOD_POLLS = 600;

const HEADER =
  'time,scope,power_w,temperature_c,clock_hz,utilization_ratio,tensor_active_ratio,throttled_power_ratio,' +
  'throttled_thermal_ratio,energy_j,ecc_corrected_total,work_total\n';

/** Numbers without a library and the same every time (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    const mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    const again = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((again ^ (again >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Joins lines into pieces of about a megabyte. */
export function* pieces(lines: Iterable<string>): Generator<string> {
  let piece = '';
  for (const line of lines) {
    piece += line;
    if (piece.length < 2 ** 20) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

/** What a bad row says of its power: a spike, or no number. */
const badPower = (count: number): string => (count % 2 === 0 ? 'x' : '3690000000000');

/** Lines of Wattline CSV: 12 columns, chips in turn, milliseconds of jitter, each chip in time order. */
export function* fleetCsv({ rows, chips, badRows }: Fleet): Generator<string> {
  const next = random(1);
  const ids = Array.from({ length: chips }, (_, i) => `chip-${String(i).padStart(4, '0')}`);
  const energyJ = Float64Array.from(ids, () => next() * 1e6);
  const work = new Float64Array(chips);
  const badEvery = badRows === 0 ? Number.POSITIVE_INFINITY : Math.floor(rows / badRows);
  yield HEADER;
  for (let row = 0; row < rows; row += 1) {
    const chip = row % chips;
    const poll = Math.floor(row / chips);
    if (poll === RESET_AT_POLL && chip % RESET_EVERY_CHIPS === 0) {
      energyJ[chip] = 0;
      work[chip] = 0;
    }
    const time = new Date(START_MS + poll * PERIOD_MS + Math.floor(next() * JITTER_MS)).toISOString();
    const watts = 350 + 250 * next();
    energyJ[chip] = (energyJ[chip] as number) + watts;
    work[chip] = (work[chip] as number) + Math.floor(9_000 + 2_000 * next());
    const isBad = row % badEvery === badEvery - 1;
    const power = isBad ? badPower(Math.floor(row / badEvery)) : watts.toFixed(2);
    yield `${time},${ids[chip]},${power},${(45 + 25 * next()).toFixed(1)},${Math.round(1.2e9 + 7e8 * next())},` +
      `${(0.8 + 0.2 * next()).toFixed(3)},${(0.3 + 0.4 * next()).toFixed(4)},${next() < 0.1 ? 1 : 0},0,` +
      `${(energyJ[chip] as number).toFixed(3)},${Math.floor(poll / ECC_PERIOD_POLLS)},${work[chip]}\n`;
  }
}
