/** A metric as it was emitted, with every value that it had. */
export interface Samples {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly values: { readonly timeMs: number; readonly value: number }[];
}

export interface Point {
  readonly timeMs: number;
  readonly value: number;
}

const keyOf = (namespace: string, metric: string, dimensions: Readonly<Record<string, string>>): string =>
  JSON.stringify([namespace, metric, Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);

interface Line extends Record<string, unknown> {
  readonly _aws?: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
}

/** Metrics in memory, as CloudWatch keeps them: put in as lines of logs, asked for by name and statistic. */
export class MetricStore {
  private readonly all = new Map<string, Samples>();

  add(sample: Omit<Samples, 'values'> & Point): void {
    const { namespace, metric, dimensions, timeMs, value } = sample;
    const key = keyOf(namespace, metric, dimensions);
    const known = this.all.get(key) ?? { namespace, metric, dimensions, values: [] };
    known.values.push({ timeMs, value });
    this.all.set(key, known);
  }

  /** A line of a log; one that holds no metrics is passed over. */
  addLine(text: string): void {
    const line = JSON.parse(text) as Line;
    for (const { Namespace, Dimensions, Metrics } of line._aws?.CloudWatchMetrics ?? [])
      for (const names of Dimensions)
        for (const { Name } of Metrics) {
          const dimensions = Object.fromEntries(names.map((n) => [n, String(line[n])]));
          for (const value of [line[Name]].flat() as number[])
            this.add({
              namespace: Namespace,
              metric: Name,
              dimensions,
              timeMs: line._aws?.Timestamp ?? 0,
              value,
            });
        }
  }

  /** From the first to the last value of any metric. */
  get times(): { readonly min: number; readonly max: number } {
    let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const { values } of this.all.values())
      for (const { timeMs } of values) {
        min = Math.min(min, timeMs);
        max = Math.max(max, timeMs);
      }
    return { min, max };
  }

  /** Metrics of a name whose dimensions are these; a value that is null takes any. */
  find(
    namespace: string,
    metric: string,
    dimensions: Readonly<Record<string, string | null>>,
  ): readonly Samples[] {
    const names = Object.keys(dimensions).sort().join();
    return [...this.all.values()].filter(
      (s) =>
        s.namespace === namespace &&
        s.metric === metric &&
        Object.keys(s.dimensions).sort().join() === names &&
        Object.entries(dimensions).every(([name, v]) => v === null || s.dimensions[name] === v),
    );
  }
}

/** Of the values of one period. */
function statisticOf(values: readonly number[], statistic: string): number {
  const sorted = [...values].sort((a, b) => a - b);
  const sum = values.reduce((a, b) => a + b, 0);
  const percentile = /^p(\d+(\.\d+)?)$/.exec(statistic)?.[1];
  if (percentile !== undefined)
    return sorted[
      Math.min(sorted.length - 1, Math.floor((Number(percentile) / 100) * sorted.length))
    ] as number;
  if (statistic === 'Sum') return sum;
  if (statistic === 'Average') return sum / values.length;
  if (statistic === 'Maximum') return sorted.at(-1) as number;
  throw new Error(`statistic ${statistic}: expected Sum, Average, Maximum or a percentile`);
}

/** A point a period that had any value, at the period's beginning. */
export function pointsOf({ values }: Pick<Samples, 'values'>, statistic: string, periodS: number): Point[] {
  const periodMs = periodS * 1_000;
  return [...Map.groupBy(values, (v) => Math.floor(v.timeMs / periodMs) * periodMs)]
    .sort(([a], [b]) => a - b)
    .map(([timeMs, own]) => ({
      timeMs,
      value: statisticOf(
        own.map((v) => v.value),
        statistic,
      ),
    }));
}
