import { InputError } from '../../errors.ts';
import { arrayIn, type JsonObject, JsonRows, objectIn, shown, textIn } from '../json-rows.ts';
import { metricPlans } from '../metric-plans.ts';
import type { ReadingPlan } from '../table-plan.ts';
import { EARLIEST_MS, isTimeMs, type TimeReader, timeReaderFor } from '../time.ts';
import { CLOUDWATCH } from './cloudwatch-aliases.ts';
import type { ReadContext, RecordSink, ScopeKind } from './format.ts';

interface Point {
  readonly time: unknown;
  readonly value: unknown;
}

/** The series of an answer: by their id and label of `get-metric-data`, by the label of `get-metric-statistics`. */
interface Series {
  readonly id: string;
  readonly label: string;
  readonly points: readonly Point[];
}

function seriesIn(document: JsonObject): readonly Series[] {
  if (Array.isArray(document.Datapoints)) {
    const points = document.Datapoints.map(objectIn).map((p) => ({ time: p.Timestamp, value: p.Average }));
    return [{ id: '', label: textIn(document.Label), points }];
  }
  return arrayIn(document.MetricDataResults).map((value) => {
    const { Id, Label, Timestamps, Values } = objectIn(value);
    const values = arrayIn(Values);
    const points = arrayIn(Timestamps).map((time, i) => ({ time, value: values[i] }));
    return { id: textIn(Id), label: textIn(Label), points };
  });
}

export const isResults = (document: JsonObject): boolean =>
  Array.isArray(document.MetricDataResults) || Array.isArray(document.Datapoints);

/** Reads what the CLI prints. Its answers keep no dimensions: which chip a series is of is the rule's to say. */
export class ResultsReader {
  private readonly rows: JsonRows;
  private readonly plans: ReadonlyMap<string, ReadingPlan>;
  private readonly times: TimeReader;
  private readonly kind: ScopeKind;
  private readonly context: ReadContext;
  private readonly sink: RecordSink;

  constructor(context: ReadContext, sink: RecordSink) {
    this.context = context;
    this.sink = sink;
    this.rows = new JsonRows(sink);
    this.plans = metricPlans(CLOUDWATCH, context.rule.mapping);
    this.times = timeReaderFor(context);
    this.kind = context.rule.mapping?.kind ?? 'chip';
  }

  /** @throws InputError `scope-missing`. */
  document(document: JsonObject, line: number): void {
    for (const series of seriesIn(document)) {
      const name = this.metricOf(series);
      if (name === null) {
        const message = `the series ${series.label || series.id || 'without a label'} is of no metric that is known`;
        this.sink.note({ code: 'series-left-out', severity: 'info', message });
      } else this.series(series, name, this.plans.get(name) as ReadingPlan, line);
    }
  }

  /** The metric by the label, which is its name where the query sets none, or one of its words (those of SEARCH). */
  private metricOf({ id, label }: Series): string | null {
    const words = [label, id, ...label.split(/\s+/)];
    return words.find((word) => this.plans.has(word)) ?? null;
  }

  private scopeOf({ id, label }: Series): string {
    const { rule, path } = this.context;
    const { scopes, mapping } = rule;
    for (const name of [id, label])
      if (name !== '' && scopes && Object.hasOwn(scopes, name)) return scopes[name] as string;
    if (mapping?.scopeId !== undefined) return mapping.scopeId;
    const name = JSON.stringify(id || label);
    throw new InputError(
      'scope-missing',
      `${path}: the answer does not say which chip the series ${name} is of; expected it in run.json: scopes with ${name} and the chip's id`,
    );
  }

  private series(series: Series, name: string, plan: ReadingPlan, line: number): void {
    if (series.points.length === 0) return;
    const scope = this.scopeOf(series);
    const message = 'values are means over the period that begins at their time';
    this.sink.note({ code: 'period-mean', severity: 'info', message });
    // The newest stand first, unless asked otherwise; statistics come in no order.
    const points = series.points.map((point) => ({ ...point, timeMs: this.timeMs(point.time) }));
    points.sort((a, b) => (a.timeMs || 0) - (b.timeMs || 0));
    for (const { time, value, timeMs } of points) {
      this.rows.begin(this.kind);
      if (!(timeMs >= EARLIEST_MS && isTimeMs(timeMs)))
        this.rows.refuse(
          {
            column: 'Timestamp',
            reason: 'time-stamp',
            expected: 'a time with its zone, or seconds since 1970',
          },
          shown(time),
        );
      this.rows.put(plan.field, value, name, plan.scale);
      this.rows.end(scope, timeMs, line, this.kind === 'chip' ? 'chip' : null);
    }
  }

  /** By the CLI's `cli_timestamp_format`: ISO 8601 (version 2), or as the service sends it, in seconds. */
  private timeMs(time: unknown): number {
    if (typeof time === 'number') return time * 1000;
    const timeMs = this.times.read(textIn(time));
    return typeof timeMs === 'number' ? timeMs : Number.NaN;
  }
}
