import {
  forEachDocument,
  type JsonObject,
  JsonRows,
  jsonNumber,
  objectIn,
  shown,
  textIn,
} from '../json-rows.ts';
import { metricPlans } from '../metric-plans.ts';
import { chipId } from '../scope-id.ts';
import type { ReadingPlan } from '../table-plan.ts';
import { EARLIEST_MS, isTimeMs } from '../time.ts';
import { CLOUDWATCH } from './cloudwatch-aliases.ts';
import { isResults, ResultsReader } from './cloudwatch-results.ts';
import type { Format, ReadContext, RecordSink, ScopeKind } from './format.ts';

/** Dimensions that tell the accelerator, and those that tell its host. */
const CHIP_DIMENSIONS = ['index', 'GpuDevice'];
const HOST_DIMENSIONS = ['InstanceId', 'host', 'NodeName'];

const firstOf = (dimensions: JsonObject, names: readonly string[]): string =>
  names.map((name) => textIn(dimensions[name])).find((text) => text !== '') ?? '';

const seriesName = (dimensions: JsonObject): string =>
  Object.entries(dimensions)
    .map(([name, value]) => `${name}=${textIn(value)}`)
    .join(',');

class StreamReader {
  private readonly rows: JsonRows;
  private readonly plans: ReadonlyMap<string, ReadingPlan>;
  /** By scope and field the dimensions of the one series that is read for it. */
  private readonly chosen = new Map<string, string>();
  private readonly kind: ScopeKind;
  private readonly context: ReadContext;
  private readonly sink: RecordSink;

  constructor(context: ReadContext, sink: RecordSink) {
    this.context = context;
    this.sink = sink;
    this.rows = new JsonRows(sink);
    this.plans = metricPlans(CLOUDWATCH, context.rule.mapping);
    this.kind = context.rule.mapping?.kind ?? 'chip';
  }

  point(point: JsonObject, line: number): void {
    const name = textIn(point.metric_name);
    const plan = this.plans.get(name);
    if (!plan && name !== '') return;
    const dimensions = objectIn(point.dimensions);
    const id = this.scopeId(dimensions);
    if (plan && (id === '' || !this.isChosen(`${id} ${plan.field}`, `${name} ${seriesName(dimensions)}`))) {
      if (id === '') this.aggregate(name, dimensions);
      return;
    }
    this.rows.begin(this.kind);
    const timeMs = jsonNumber(point.timestamp) ?? Number.NaN;
    if (!plan)
      this.rows.refuse({ column: 'metric_name', reason: 'metric', expected: 'the name of a metric' }, '');
    if (!(timeMs >= EARLIEST_MS && isTimeMs(timeMs)))
      this.rows.refuse(
        { column: 'timestamp', reason: 'time-stamp', expected: 'milliseconds since 1970' },
        shown(point.timestamp),
      );
    if (plan) this.rows.put(plan.field, meanOf(objectIn(point.value), plan), name, plan.scale);
    this.rows.end(id, timeMs, line, this.kind === 'chip' ? 'chip' : null);
  }

  private scopeId(dimensions: JsonObject): string {
    const { mapping } = this.context.rule;
    if (mapping?.scopeId) return mapping.scopeId;
    if (mapping?.scope) {
      const parts = mapping.scope.map((name) => textIn(dimensions[name]));
      return parts.includes('') ? '' : parts.join('/');
    }
    const index = firstOf(dimensions, CHIP_DIMENSIONS).replace(/^\D+/, '');
    return index === ''
      ? ''
      : (chipId({ index, node: firstOf(dimensions, HOST_DIMENSIONS) }, this.context) ?? '');
  }

  private aggregate(name: string, dimensions: JsonObject): void {
    const names = Object.keys(dimensions).join(', ') || 'no dimension';
    const message = `${name} by ${names} is of no single accelerator and is left out`;
    this.sink.note({ code: 'aggregate-left-out', severity: 'info', message });
  }

  private isChosen(key: string, series: string): boolean {
    const before = this.chosen.get(key);
    if (before === undefined) {
      this.chosen.set(key, series);
      const message = 'values are means over the period that begins at their time';
      this.sink.note({ code: 'period-mean', severity: 'info', message });
    }
    if (before === undefined || before === series) return true;
    this.sink.note({
      code: 'duplicate-series',
      severity: 'info',
      message: `${series} repeats ${before}, which is read`,
    });
    return false;
  }
}

/** Mean of the values of a period; NaN where there was none, null where it is no statistic. */
function meanOf(value: JsonObject, { sentinels }: ReadingPlan): number | null | string {
  const count = jsonNumber(value.count);
  const sum = jsonNumber(value.sum);
  if (count === null || sum === null || count < 0) return 'no count and sum';
  if (count === 0 || Number.isNaN(count) || Number.isNaN(sum)) return null;
  const mean = sum / count;
  return sentinels?.includes(mean) ? null : mean;
}

const STREAM = /"metric_stream_name"/;
/** Of the CLI: `aws cloudwatch get-metric-data` and `get-metric-statistics`. */
const RESULTS = /"MetricDataResults"\s*:\s*\[|"Datapoints"\s*:\s*\[\s*(?:\]|\{[^}]*"Timestamp")/;

/**
 * Metric streams of CloudWatch in JSON, as Firehose lays them down: one object a line, or glued; and what the CLI
 * prints of metrics.
 */
export const cloudwatchMetricStream: Format = {
  id: 'cloudwatch-metric-stream',
  title: 'CloudWatch metrics in JSON, of a stream or the CLI',
  sniff: (head) => (STREAM.test(head) && head.includes('"metric_name"')) || RESULTS.test(head),
  async read(chunks, context, sink) {
    const stream = new StreamReader(context, sink);
    const results = new ResultsReader(context, sink);
    await forEachDocument(chunks, context, sink, (document, line) => {
      if (isResults(document)) results.document(document, line);
      else stream.point(document, line);
    });
  },
};
