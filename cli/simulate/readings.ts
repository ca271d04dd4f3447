import type { ChipRun, Span, TelemetryFile } from './plan-run.ts';
import { Random } from './random.ts';
import type { PlannedRun } from './schedule.ts';
import type { PilotSpec } from './spec.ts';

/** What the tools of a chip say of it at one moment, before they round it. */
export interface Reading {
  readonly chip: ChipRun;
  /** Number of the reading in its file. */
  readonly row: number;
  readonly timeMs: number;
  readonly powerW: number;
  /** Counter since the chip was made. */
  readonly energyJ: number;
  readonly temperatureC: number;
  readonly clockMhz: number;
  readonly utilizationRatio: number;
  readonly isIdle: boolean;
  /** Share of the period before it that the chip was held back. */
  readonly thermalRatio: number;
  readonly powerCapRatio: number;
  readonly isThermal: boolean;
  readonly isPowerCap: boolean;
  readonly eccUncorrected: number;
}

const DAY_MS = 86_400_000;
/** Local time of day at which it is warmest. */
const WARMEST_MS = 15 * 3_600_000;
/** An energy counter begins anywhere below this, J. */
const LIFETIME_J = 5e8;
const IDLE_CLOCK_MHZ = 345;
const THROTTLED_CLOCK = 0.85;
/** Between idle and full power, where a chip counts as idle. */
const IDLE_SHARE = 0.1;
const TEMPERATURE_SD = 0.3;

const overlapMs = ([fromMs, toMs]: Span, [a, b]: Span): number =>
  Math.max(0, Math.min(toMs, b) - Math.max(fromMs, a));
const holds = ([fromMs, toMs]: Span, timeMs: number): boolean => timeMs >= fromMs && timeMs < toMs;

/** Temperature of the hall at a local time of day, C. */
function hallC({ weather }: PilotSpec, localMs: number): number {
  const angle = (2 * Math.PI * ((localMs % DAY_MS) - WARMEST_MS)) / DAY_MS;
  return weather.meanC + weather.diurnalC * Math.cos(angle);
}

/** The readings of one file, poll by poll; `jitterMs` is how late a poll may come. */
export function* pollsOf(
  spec: PilotSpec,
  run: PlannedRun,
  file: TelemetryFile,
  jitterMs = 0,
): Generator<Reading[]> {
  const { periodMs, noiseSd } = spec.telemetry;
  const random = new Random(spec.seed, 'readings', run.name, file.node);
  const bases = file.chips.map(() => Math.round(random.uniform(0, LIFETIME_J)));
  const { clockMhz } = spec[run.role];
  for (let poll = 0; poll < file.polls; poll += 1) {
    const timeMs = file.firstPollMs + poll * periodMs + Math.floor(random.uniform(0, jitterMs + 1));
    const ambientC = hallC(spec, timeMs + run.offsetMs);
    yield file.chips.map((chip, place): Reading => {
      const { curve } = chip;
      const trueW = curve.powerW(timeMs);
      const load = (trueW - curve.idleW) / (curve.busyW - curve.idleW);
      const isIdle = load < IDLE_SHARE;
      const isThermal = holds(chip.thermal, timeMs);
      const isPowerCap = holds(chip.powerCap, timeMs);
      const period: Span = [timeMs - periodMs, timeMs];
      return {
        chip,
        row: poll * file.chips.length + place,
        timeMs,
        powerW: Math.max(0, trueW * (1 + noiseSd * random.normal())),
        energyJ: (bases[place] as number) + curve.energyToJ(timeMs),
        temperatureC: ambientC + 12 + spec.weather.loadC * load + TEMPERATURE_SD * random.normal(),
        clockMhz: isIdle ? IDLE_CLOCK_MHZ : clockMhz * (isThermal || isPowerCap ? THROTTLED_CLOCK : 1),
        utilizationRatio: isIdle ? 0 : 0.98 + 0.02 * random.uniform(),
        isIdle,
        thermalRatio: overlapMs(chip.thermal, period) / periodMs,
        powerCapRatio: overlapMs(chip.powerCap, period) / periodMs,
        isThermal,
        isPowerCap,
        eccUncorrected: chip.eccMs.filter((at) => at <= timeMs).length,
      };
    });
  }
}
