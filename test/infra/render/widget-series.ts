import { namedBy, searched } from '../dashboard-metrics.ts';
import type { Widget } from '../synthesised.ts';
import { evaluate } from './arithmetic.ts';
import { type MetricStore, type Point, pointsOf } from './metric-store.ts';

export interface Series {
  readonly label: string;
  readonly isRight: boolean;
  readonly points: readonly Point[];
}

interface Options {
  readonly id?: string;
  readonly expression?: string;
  readonly label?: string;
  readonly stat?: string;
  readonly period?: number;
  readonly visible?: boolean;
  readonly yAxis?: 'left' | 'right';
}

/** What CDK leaves out of a row, CloudWatch takes to be this. */
const DEFAULT_STATISTIC = 'Average';
const DEFAULT_PERIOD_S = 300;

const STATISTIC = /MetricName="\w+"', '(\w+)', (\d+)\)/;

const optionsOf = (row: readonly unknown[]): Options =>
  (row.find((cell) => typeof cell === 'object') ?? {}) as Options;

function ofSearch(options: Options, store: MetricStore): Series[] {
  const [named] = searched(options.expression as string);
  const [, statistic, period] = STATISTIC.exec(options.expression as string) ?? [];
  if (!named || !statistic) return [];
  return store.find(named.namespace, named.metric, named.dimensions).map((samples) => ({
    label: (options.label ?? named.metric).replace(
      /\$\{PROP\('Dim\.(\w+)'\)\}/g,
      (_, dimension: string) => samples.dimensions[dimension] ?? '',
    ),
    isRight: options.yAxis === 'right',
    points: pointsOf(samples, statistic, Number(period)),
  }));
}

/** At every time that all of its metrics have a value; one that comes to no number is no point. */
function ofExpression(options: Options, byId: ReadonlyMap<string, readonly Point[]>): Series {
  const expression = options.expression as string;
  const times = new Set([...byId.values()].flatMap((points) => points.map((p) => p.timeMs)));
  const points = [...times]
    .sort((a, b) => a - b)
    .flatMap((timeMs): Point[] => {
      let isWhole = true;
      const value = evaluate(expression, (name) => {
        if (!byId.has(name)) throw new Error(`${expression}: no metric ${name} beside it`);
        const found = byId.get(name)?.find((p) => p.timeMs === timeMs);
        if (!found) isWhole = false;
        return found?.value ?? 0;
      });
      return isWhole && Number.isFinite(value) ? [{ timeMs, value }] : [];
    });
  return { label: options.label ?? expression, isRight: options.yAxis === 'right', points };
}

/** The series of a widget, as CloudWatch would draw them from what is in the store. */
export function seriesOf({ properties }: Widget, store: MetricStore): Series[] {
  const byId = new Map<string, readonly Point[]>();
  const series: (Series | Options)[] = [];
  for (const row of properties.metrics ?? []) {
    const options = optionsOf(row);
    if (options.expression?.includes('SEARCH')) series.push(...ofSearch(options, store));
    else if (options.expression !== undefined) series.push(options);
    else {
      const [named] = namedBy(row);
      if (!named) continue;
      const [samples] = store.find(named.namespace, named.metric, named.dimensions);
      const points = samples
        ? pointsOf(
            samples,
            options.stat ?? DEFAULT_STATISTIC,
            options.period ?? properties.period ?? DEFAULT_PERIOD_S,
          )
        : [];
      if (options.id) byId.set(options.id, points);
      if (options.visible !== false)
        series.push({ label: options.label ?? named.metric, isRight: options.yAxis === 'right', points });
    }
  }
  return series.map((s) => ('points' in s ? s : ofExpression(s, byId)));
}
