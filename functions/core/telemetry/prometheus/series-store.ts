import { InputError } from '../../errors.ts';
import { emptySample } from '../sample.ts';
import { type ChipWriter, isBetter } from './chip-writer.ts';
import { mergeReadings } from './merge-readings.ts';
import { fieldValue, type SeriesPlan } from './series-plan.ts';

/** Readings that one file of series may hold: 16 bytes each. Larger files are exported in parts. */
export const READING_LIMIT = 8_388_608;

/** Readings of one series or field, as they came. */
export interface Readings {
  readonly times: number[];
  readonly values: number[];
}

export interface StoredSeries extends Readings {
  readonly plan: SeriesPlan;
}

/**
 * Holds the readings of files that go series by series. Which series of a chip stands for which time (replicas of a
 * scraper, one series a pod) is known only when all of them are read, and then a chip's fields go out together, in
 * time order. Bounded by `READING_LIMIT`.
 */
export class SeriesStore {
  private readonly byScope = new Map<string, StoredSeries[]>();
  private readonly path: string;
  private readonly limit: number;
  private readings = 0;

  constructor(path: string, limit = READING_LIMIT) {
    this.path = path;
    this.limit = limit;
  }

  series(plan: SeriesPlan): StoredSeries {
    const series: StoredSeries = { plan, times: [], values: [] };
    const known = this.byScope.get(plan.scope);
    if (known) known.push(series);
    else this.byScope.set(plan.scope, [series]);
    return series;
  }

  /** @throws InputError `too-many-readings`. */
  add(series: StoredSeries, timeMs: number, reading: number): void {
    if (Number.isNaN(reading)) return;
    this.readings += 1;
    if (this.readings > this.limit)
      throw new InputError(
        'too-many-readings',
        `${this.path}: more than ${this.limit} readings, series by series; expected fewer: export a shorter time a file`,
      );
    series.times.push(timeMs);
    series.values.push(reading);
  }

  /** Hands everything on. */
  flush(writer: ChipWriter): void {
    for (const series of this.byScope.values()) writeChip(series, writer);
    this.byScope.clear();
  }
}

/** Series of each field, the one that is read first. */
function byField(all: readonly StoredSeries[]): Map<number, StoredSeries[]> {
  const fields = new Map<number, StoredSeries[]>();
  for (const series of all)
    if (series.times.length > 0)
      for (const field of series.plan.fields) fields.set(field, [...(fields.get(field) ?? []), series]);
  for (const list of fields.values())
    list.sort((a, b) =>
      isBetter(a.plan, b.plan) ? -1 : isBetter(b.plan, a.plan) ? 1 : b.times.length - a.times.length,
    );
  return fields;
}

function fieldReadings(series: readonly StoredSeries[], field: number, writer: ChipWriter): Readings {
  const [first, ...others] = series.map(({ plan, times, values }) => {
    const place = plan.fields.indexOf(field);
    return { plan, times, values: values.map((value) => fieldValue(plan, place, value)) };
  }) as [StoredSeries, ...StoredSeries[]];
  return mergeReadings(first, others, (unread) =>
    writer.noteUnread((unread as StoredSeries).plan, first.plan),
  );
}

/** Merges the fields of one chip by time: readings of one instant become one sample. */
function writeChip(all: readonly StoredSeries[], writer: ChipWriter): void {
  const fields = [...byField(all)];
  const tracks = fields.map(([field, series]) => ({
    field,
    next: 0,
    ...fieldReadings(series, field, writer),
  }));
  if (tracks.length === 0) return;
  const indices = tracks.map(({ field }) => field);
  const chip = writer.chip((all[0] as StoredSeries).plan);
  const values = emptySample();
  for (;;) {
    let timeMs = Number.POSITIVE_INFINITY;
    for (const { times, next } of tracks) timeMs = Math.min(timeMs, times[next] ?? Number.POSITIVE_INFINITY);
    if (timeMs === Number.POSITIVE_INFINITY) return;
    for (const track of tracks) {
      const isHere = track.times[track.next] === timeMs;
      values[track.field] = isHere ? (track.values[track.next] as number) : Number.NaN;
      if (isHere) track.next += 1;
    }
    writer.write(chip, timeMs, values, indices);
  }
}
