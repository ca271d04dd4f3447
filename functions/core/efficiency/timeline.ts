import type { ScopeEvaluation, UnitEvaluation } from './evaluation.ts';
import type { Band, HeatMap, Timeline } from './run-timeline.ts';
import { type Drawn, TimelineBins, type TimelineGrid } from './timeline-bins.ts';

/** From so many scopes on a band leaves a twentieth out at each end; of fewer it is from the lowest to the highest. */
const SCOPES_FOR_QUANTILES = 20;
const TAIL = 0.05;
/** Rows and columns of a heat map: more would be finer than its pixels. */
const HEAT_ROWS = 120;
const HEAT_COLUMNS = 120;
/** A mean over scopes is given where at least this share of those that have the field was read. */
const SCOPE_SHARE = 0.5;

type Series = (number | null)[];

/** A number of so many digits: a drawing needs no more, and the bytes of a result are bounded by it. */
const rounded = (value: number, digits: number): number => Number(value.toPrecision(digits));

/** What was read over time: windows for sources as a whole, samples for those that were read again. */
export class TimelineBuilder {
  readonly grid: TimelineGrid;
  /** Power of every scope; what else is drawn, from samples. */
  readonly samples: TimelineBins;
  /** What is drawn besides power, a mean a window: where no samples were read. */
  readonly windows: TimelineBins;

  constructor(grid: TimelineGrid) {
    this.grid = grid;
    this.samples = new TimelineBins(grid);
    this.windows = new TimelineBins(grid);
  }

  /**
   * The timeline of a run. `system`: the scopes that add up to it, with their estimates; its power is null where one of
   * them was not read. `units`: its chips and nodes, over which bands and the heat map go.
   */
  build(
    system: readonly ScopeEvaluation[],
    scopes: readonly ScopeEvaluation[],
    units: readonly UnitEvaluation[],
  ): Pick<Timeline, 'startMs' | 'stepMs' | 'powerW' | 'scopes' | 'heatMap'> {
    const { startMs, stepMs } = this.grid;
    const drawn = drawnScopes(scopes, units);
    const power = drawn ? this.rowsOf('power_w', drawn.all) : [];
    return {
      startMs,
      stepMs,
      powerW: this.power(system),
      scopes: drawn && this.bands(drawn, power),
      heatMap: drawn && this.heatMap(drawn, power),
    };
  }

  /** Sum over the scopes, each scaled; null where one of them was not read. */
  private power(system: readonly ScopeEvaluation[]): Series {
    const read = system.filter((s) => !s.isEstimate);
    const constantW = system.reduce((sum, s) => sum + (s.isEstimate ? (s.meanPowerW ?? 0) : 0), 0);
    const sums = new Float64Array(this.grid.points).fill(read.length === 0 ? Number.NaN : constantW);
    for (const { id, conversionEfficiency } of read)
      for (const [step, watts] of this.samples.means('power_w', id).entries())
        sums[step] = (sums[step] as number) + conversionEfficiency * watts;
    return Array.from(sums, (w): number | null => (Number.isNaN(w) ? null : Math.round(w * 10) / 10));
  }

  /** Means of a field, a row a scope; none where no scope has it. */
  private rowsOf(field: Drawn, all: readonly DrawnScope[]): Float64Array[] {
    const isPower = field === 'power_w';
    if (!this.samples.has(field) && (isPower || !this.windows.has(field))) return [];
    return all.map(({ id, scale }) => {
      const means = this.samples.means(field, id);
      if (!isPower) this.windows.fillMeans(field, id, means);
      else if (scale !== 1) for (const [i, watts] of means.entries()) means[i] = scale * watts;
      return means;
    });
  }

  private bands({ kind, all }: DrawnScopes, power: readonly Float64Array[]): Timeline['scopes'] {
    const tail = all.length < SCOPES_FOR_QUANTILES ? 0 : TAIL;
    const bandOf = (field: Drawn): Band | null => band(this.rowsOf(field, all), tail);
    const throttledRatio = {
      power: bandOf('throttled_power_ratio')?.mean ?? null,
      thermal: bandOf('throttled_thermal_ratio')?.mean ?? null,
      other: bandOf('throttled_other_ratio')?.mean ?? null,
    };
    return {
      kind,
      count: all.length,
      lowQuantile: tail,
      highQuantile: 1 - tail,
      powerW: band(power, tail),
      temperatureC: bandOf('temperature_c'),
      clockHz: bandOf('clock_hz'),
      throttledRatio: Object.values(throttledRatio).some((s) => s !== null) ? throttledRatio : null,
    };
  }

  /** Power of every scope, or of as many neighbours as a row holds, over as many steps as a column holds. */
  private heatMap({ kind, all }: DrawnScopes, power: readonly Float64Array[]): HeatMap | null {
    const scopesARow = Math.ceil(all.length / HEAT_ROWS);
    const stepsAColumn = Math.ceil(this.grid.points / HEAT_COLUMNS);
    const columns = Math.ceil(this.grid.points / stepsAColumn);
    const rows = Array.from({ length: Math.ceil(all.length / scopesARow) }, (_, row) => {
      const [from, to] = [row * scopesARow, (row + 1) * scopesARow];
      const own = all.slice(from, to);
      const powerW = Array.from({ length: columns }, (_, column): number | null => {
        const value = cell(power.slice(from, to), column * stepsAColumn, stepsAColumn);
        return Number.isNaN(value) ? null : rounded(value, 4);
      });
      return { first: nameOf(own[0]), last: nameOf(own.at(-1)), count: own.length, powerW };
    });
    const isRead = rows.some((row) => row.powerW.some((v) => v !== null));
    return isRead && all.length > 1 ? { kind, stepMs: this.grid.stepMs * stepsAColumn, rows } : null;
  }
}

/** Mean and spread over rows, step by step; null where no step of any row was read. */
function band(rows: readonly Float64Array[], tail: number): Band | null {
  const points = rows[0]?.length ?? 0;
  const read = Array.from({ length: points }, (_, step) => {
    const values = new Float64Array(rows.length);
    let count = 0;
    for (const row of rows) {
      const value = row[step] as number;
      if (Number.isNaN(value)) continue;
      values[count] = value;
      count += 1;
    }
    return values.subarray(0, count).sort();
  });
  const most = Math.max(0, ...read.map((values) => values.length));
  if (most === 0) return null;
  const series = (of: (values: Float64Array) => number): Series =>
    read.map((values) =>
      values.length > 0 && values.length >= most * SCOPE_SHARE ? rounded(of(values), 5) : null,
    );
  const quantile = (q: number) => (values: Float64Array) =>
    values[Math.round(q * (values.length - 1))] as number;
  return { mean: series(meanOf), low: series(quantile(tail)), high: series(quantile(1 - tail)) };
}

const meanOf = (values: Float64Array): number => values.reduce((sum, v) => sum + v, 0) / values.length;

/** Mean over rows and steps that were read; NaN where fewer than half of them were. */
function cell(rows: readonly Float64Array[], from: number, steps: number): number {
  let [sum, read, all] = [0, 0, 0];
  for (const row of rows)
    for (let step = from; step < Math.min(from + steps, row.length); step += 1) {
      const value = row[step] as number;
      all += 1;
      if (Number.isNaN(value)) continue;
      sum += value;
      read += 1;
    }
  return read > 0 && read >= all * SCOPE_SHARE ? sum / read : Number.NaN;
}

interface DrawnScope {
  readonly id: string;
  readonly node: string | null;
  /** Readings times this are at the boundary of the scope. */
  readonly scale: number;
}

interface DrawnScopes {
  readonly kind: UnitEvaluation['kind'];
  readonly all: readonly DrawnScope[];
}

const nameOf = (scope: DrawnScope | undefined): string => scope?.id ?? '';

/** The chips that were read, else the nodes, node by node; null where there are neither. */
function drawnScopes(
  scopes: readonly ScopeEvaluation[],
  units: readonly UnitEvaluation[],
): DrawnScopes | null {
  const byId = new Map(scopes.filter((s) => !s.isEstimate).map((s) => [s.id, s]));
  for (const kind of ['chip', 'node'] as const) {
    const all = units.flatMap((u): DrawnScope[] => {
      const scope = u.kind === kind ? byId.get(u.id) : undefined;
      return scope?.kind === kind ? [{ id: u.id, node: u.node, scale: scope.conversionEfficiency }] : [];
    });
    if (all.length > 0) return { kind, all: all.sort(byPlace) };
  }
  return null;
}

/** Chip 2 before chip 10. */
const byNumbers = new Intl.Collator('en', { numeric: true });
const byPlace = (a: DrawnScope, b: DrawnScope): number =>
  byNumbers.compare(a.node ?? '', b.node ?? '') || byNumbers.compare(a.id, b.id) || (a.id < b.id ? -1 : 1);
