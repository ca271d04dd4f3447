import { random } from './generate.ts';

/** A training run of many chips, whose collector begins a new file every hour. */
export interface Day {
  readonly chips: number;
  readonly hours: number;
  readonly periodS: number;
}

export const DAY_START_MS = Date.UTC(2026, 0, 31);
/** Run start and stop lie inside the first and the last file, as in life: these are read again. */
const MARGIN_MS = 600_000;
const HOUR_MS = 3_600_000;
const STEP_MS = 10_000;
const TOKENS_A_STEP = 4_194_304;
const CHIPS_A_NODE = 8;
const JITTER_MS = 4;

const chipId = (i: number): string => `chip-${String(i).padStart(4, '0')}`;

/** The run of `hours` hours that these files hold. */
export const dayRun = (day: Day): { startMs: number; stopMs: number } => ({
  startMs: DAY_START_MS + MARGIN_MS,
  stopMs: DAY_START_MS + MARGIN_MS + day.hours * HOUR_MS,
});

/** `run.json` of that run, with a lot and a node for every chip. */
export function dayManifest(day: Day, place: { program: string; run: string }): object {
  const { startMs, stopMs } = dayRun(day);
  return {
    schema: 'wattline/run@1',
    ...place,
    role: 'candidate',
    sku: 'own-chip',
    workload: { name: 'any' },
    workUnit: 'token',
    system: { name: 'any', nodes: day.chips / CHIPS_A_NODE, chipsPerNode: CHIPS_A_NODE },
    chips: Array.from({ length: day.chips }, (_, i) => ({
      id: chipId(i),
      lot: `lot-${i % 10}`,
      node: `node-${Math.floor(i / CHIPS_A_NODE)}`,
      slot: String(i % CHIPS_A_NODE),
    })),
    start: new Date(startMs).toISOString(),
    stop: new Date(stopMs).toISOString(),
    status: 'success',
    boundary: 'chip',
    files: [{ pattern: 'telemetry/**', boundary: 'chip' }],
  };
}

/** Makes the hours one after the other, as counters go on from file to file. */
export class DayMaker {
  private readonly day: Day;
  private readonly next = random(2);
  private readonly energyJ: Float64Array;
  private readonly work: Float64Array;

  constructor(day: Day) {
    this.day = day;
    this.energyJ = new Float64Array(day.chips);
    this.work = new Float64Array(day.chips);
  }

  /** Lines of one hour of telemetry: nine fields of every chip every so many seconds. */
  *hour(hour: number): Generator<string> {
    const { chips, periodS } = this.day;
    yield 'time_unix_ms,scope,power_w,temperature_c,clock_hz,utilization_ratio,throttled_power_ratio,energy_j,ecc_uncorrected_total,faults_total,work_total\n';
    for (let s = 0; s < HOUR_MS / 1000; s += periodS)
      for (let chip = 0; chip < chips; chip += 1)
        yield this.line(chip, DAY_START_MS + hour * HOUR_MS + s * 1000);
  }

  private line(chip: number, atMs: number): string {
    const { next, energyJ, work } = this;
    const watts = 350 + 0.05 * chip + 100 * next();
    energyJ[chip] = (energyJ[chip] as number) + watts * this.day.periodS;
    work[chip] =
      (work[chip] as number) +
      Math.round(TOKENS_A_STEP / this.day.chips / (STEP_MS / 1000)) * this.day.periodS;
    return `${atMs + Math.floor(next() * JITTER_MS)},${chipId(chip)},${watts.toFixed(2)},${(45 + 25 * next()).toFixed(1)},${Math.round(1.2e9 + 7e8 * next())},${(0.8 + 0.2 * next()).toFixed(3)},${next() < 0.1 ? 1 : 0},${(energyJ[chip] as number).toFixed(1)},0,0,${work[chip]}\n`;
  }
}

/** Lines of the training log. */
export function* dayLog(day: Day): Generator<string> {
  const { startMs, stopMs } = dayRun(day);
  yield 'time_unix_ms,event,step,tokens,loss\n';
  for (let step = 1; startMs + step * STEP_MS <= stopMs; step += 1)
    yield `${startMs + step * STEP_MS},step,${step},${step * TOKENS_A_STEP},${(2 + 8 / Math.sqrt(step)).toFixed(4)}\n`;
}
