import { InputError } from '../errors.ts';
import { splitCells } from '../telemetry/cells.ts';

/** Readings of one column in time order: times in ms since the Unix epoch, values in the unit that was asked for. */
export interface Series {
  readonly timesMs: readonly number[];
  readonly values: readonly number[];
}

export interface Column {
  /** Text of the header, unit included. */
  readonly name: string;
  /** Numbers of the file divided by this are in SI: 1000 for mJ. */
  readonly divide: number;
}

/** Milliseconds since the Unix epoch, as a number or as nvidia-smi writes UTC: `2026/01/31 12:00:00.500`. */
function timeOf(text: string): number {
  const timeMs = /^\d+$/.test(text)
    ? Number(text)
    : Date.parse(`${text.replaceAll('/', '-').replace(' ', 'T')}Z`);
  if (Number.isNaN(timeMs))
    throw new InputError(
      'measured-time',
      `time ${JSON.stringify(text)}: expected ms since 1970, or YYYY/MM/DD HH:MM:SS.mmm`,
    );
  return timeMs;
}

/**
 * One column of a table whose first column is the time. Cells without a number (`[N/A]`, blank) are no readings.
 *
 * @throws InputError `measured-column` where the table has no such column, `measured-time` for an unreadable time.
 */
export function seriesOf(table: string, column: Column): Series {
  const [head = '', ...rows] = table.split('\n');
  const header = splitCells(head) ?? [];
  const at = header.indexOf(column.name);
  if (at < 0)
    throw new InputError(
      'measured-column',
      `no column ${JSON.stringify(column.name)}; expected it among ${header.join(', ') || 'no columns at all'}`,
    );
  const [timesMs, values]: [number[], number[]] = [[], []];
  for (const row of rows) {
    const cells = splitCells(row) ?? [];
    const number = /^-?\d+(?:\.\d+)?(?= |$)/.exec(cells[at] ?? '');
    if (!number) continue;
    timesMs.push(timeOf(cells[0] as string));
    values.push(Number(number[0]) / column.divide);
  }
  return { timesMs, values };
}

/**
 * Trapezoids between the readings from start to stop, the value interpolated at both ends: J for a series of W. Null
 * where the readings do not reach both ends.
 */
export function integralBetween({ timesMs, values }: Series, startMs: number, stopMs: number): number | null {
  if ((timesMs[0] ?? Infinity) > startMs || (timesMs.at(-1) ?? -Infinity) < stopMs) return null;
  let sum = 0;
  for (let i = 1; i < timesMs.length; i += 1) {
    const [t0, t1] = [timesMs[i - 1] as number, timesMs[i] as number];
    const [from, to] = [Math.max(t0, startMs), Math.min(t1, stopMs)];
    if (from >= to) continue;
    const [v0, v1] = [values[i - 1] as number, values[i] as number];
    const at = (t: number): number => v0 + ((v1 - v0) * (t - t0)) / (t1 - t0);
    sum += ((at(from) + at(to)) / 2) * (to - from);
  }
  return sum / 1000;
}

/** The middle value, the mean of the two middle ones; null of none. */
export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(half) - 1], sorted[Math.floor(half)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}

/** How often a reading is polled, and how often it is another one. */
export interface SensorPeriod {
  readonly polledS: number | null;
  /** Null where it never changed. */
  readonly changesS: number | null;
  /** It changes at nearly every poll: its own period is this or shorter, and the data cannot tell. */
  readonly isPollLimited: boolean;
}

/** A period within this of the polls' is theirs. */
const POLL_LIMITED_RATIO = 1.5;

/**
 * Period of a sensor as its readings show it: the median time from one change of the value to the next. Two equal
 * means in a row look like one, so that it is an upper bound; under a steady load of a quantised sensor a loose one.
 */
export function sensorPeriod({ timesMs, values }: Series): SensorPeriod {
  const changes = timesMs.filter((_, i) => i > 0 && values[i] !== values[i - 1]);
  const apart = (times: readonly number[]): number | null =>
    median(times.slice(1).map((t, i) => (t - (times[i] as number)) / 1000));
  const [polledS, changesS] = [apart(timesMs), apart(changes)];
  return {
    polledS,
    changesS,
    isPollLimited: polledS !== null && changesS !== null && changesS < POLL_LIMITED_RATIO * polledS,
  };
}
