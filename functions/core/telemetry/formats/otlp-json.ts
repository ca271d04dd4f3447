import type { Fault } from '../cell.ts';
import {
  arrayIn,
  forEachDocument,
  type JsonObject,
  jsonNumber,
  objectIn,
  shown,
  textIn,
} from '../json-rows.ts';
import { emptySample } from '../sample.ts';
import { EARLIEST_MS } from '../time.ts';
import { applyScale } from '../units.ts';
import type { Format, ReadContext, RecordSink } from './format.ts';
import { attributesIn, NO_ATTRIBUTES, namedAttributes, type OtlpAttributes } from './otlp-attributes.ts';
import { type CounterSum, type OtlpSeries, OtlpSeriesBook } from './otlp-series.ts';

/** Bit of a data point's flags that says that there is no recorded value. */
const NO_RECORDED_VALUE = 1;
const NANO_DIGITS_PER_MS = 6;
const NANOSECONDS = /^\d{16,19}$/;

type Temporality = 'gauge' | 'cumulative' | 'delta' | 'unspecified';

const TEMPORALITIES: ReadonlyMap<unknown, Temporality> = new Map<unknown, Temporality>([
  [1, 'delta'],
  [2, 'cumulative'],
  ['AGGREGATION_TEMPORALITY_DELTA', 'delta'],
  ['AGGREGATION_TEMPORALITY_CUMULATIVE', 'cumulative'],
]);

/** Ms since the epoch of nanoseconds written as a text; NaN where it is none. */
function nanosMs(value: unknown): number {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || !NANOSECONDS.test(text)) return Number.NaN;
  return Number(text.slice(0, -NANO_DIGITS_PER_MS)) + Number(text.slice(-NANO_DIGITS_PER_MS)) / 1e6;
}

/** What Google's agents put before the names of the collector's metrics. */
const CLOUD_PREFIX = /^(?:workload|agent)\.googleapis\.com\//;
/** Attributes that say what an exporter's label says, where the collector has taken the label away. */
const LABELS = [
  ['host.name', 'host_name'],
  ['service.instance.id', 'instance'],
] as const;

interface Points {
  readonly isSum: boolean;
  readonly temporality: unknown;
  readonly points: readonly unknown[];
}

/** The data points of a metric, as the protocol or as the Python SDK names them; null for histograms and summaries. */
function pointsOf(metric: JsonObject): Points | null {
  const data = metric.sum ?? metric.gauge ?? metric.data;
  if (data === undefined) return null;
  const { dataPoints, data_points, aggregationTemporality, aggregation_temporality, is_monotonic } =
    objectIn(data);
  const points = arrayIn(dataPoints ?? data_points);
  const { bucket_counts, positive } = objectIn(points[0]);
  if (bucket_counts !== undefined || positive !== undefined) return null;
  return {
    isSum: metric.sum !== undefined || is_monotonic !== undefined,
    temporality: aggregationTemporality ?? aggregation_temporality,
    points,
  };
}

/** A data point by the names of the protocol; the Python SDK has its own. */
const pointIn = (point: JsonObject): JsonObject =>
  point.time_unix_nano === undefined
    ? point
    : {
        attributes: point.attributes,
        flags: point.flags,
        timeUnixNano: point.time_unix_nano,
        startTimeUnixNano: point.start_time_unix_nano,
        asDouble: point.as_double ?? point.value,
        asInt: point.as_int,
      };

/** Why a data point cannot be read; null where it can. */
function faultOf(
  timeMs: number,
  number: number | null,
  value: number,
  { field, range: [low, high], isCounter }: OtlpSeries,
  temporality: Temporality,
): Fault | null {
  if (!(timeMs >= EARLIEST_MS))
    return { column: 'timeUnixNano', reason: 'time-stamp', expected: 'nanoseconds since 1970' };
  if (temporality === 'unspecified' || (temporality === 'delta' && !isCounter)) {
    const expected = isCounter ? '1 (delta) or 2 (cumulative)' : '2 (cumulative)';
    return { column: 'aggregationTemporality', reason: 'temporality', expected };
  }
  if (number === null) return { column: 'value', reason: 'number', expected: 'asDouble or asInt' };
  return value < low || value > high
    ? { column: field, reason: 'range', expected: `${low} to ${high}` }
    : null;
}

/** Reads requests. Series are looked up by the texts that tell them apart; a data point makes no object of its own. */
class OtlpReader {
  private readonly values = emptySample();
  private readonly series = new Map<string, OtlpSeries | null>();
  private readonly pending = new Map<CounterSum, OtlpSeries>();
  private readonly book: OtlpSeriesBook;
  private readonly context: ReadContext;
  private readonly sink: RecordSink;
  private timeText: unknown = '';
  private timeMs = Number.NaN;

  constructor(context: ReadContext, sink: RecordSink) {
    this.context = context;
    this.sink = sink;
    this.book = new OtlpSeriesBook(context, sink);
  }

  request(request: JsonObject, line: number): void {
    for (const value of arrayIn(request.resourceMetrics ?? request.resource_metrics)) {
      const { resource, scopeMetrics, scope_metrics, instrumentationLibraryMetrics } = objectIn(value);
      const list = objectIn(resource).attributes;
      const attributes = attributesIn(list, NO_ATTRIBUTES);
      for (const scope of arrayIn(scopeMetrics ?? scope_metrics ?? instrumentationLibraryMetrics))
        for (const metric of arrayIn(objectIn(scope).metrics))
          this.metric(objectIn(metric), attributes, list, line);
    }
  }

  private metric(metric: JsonObject, resource: OtlpAttributes, list: unknown, line: number): void {
    const name = textIn(metric.name).replace(CLOUD_PREFIX, '');
    const isExported = this.book.isExported(name);
    if (!isExported && !this.book.knows(name)) return;
    const data = pointsOf(metric);
    if (data === null) {
      const message = `${name} is a distribution and no reading`;
      this.sink.note({ code: 'distribution-left-out', severity: 'info', message });
      return;
    }
    const temporality: Temporality = data.isSum
      ? (TEMPORALITIES.get(data.temporality) ?? 'unspecified')
      : 'gauge';
    const unit = textIn(metric.unit);
    for (const value of data.points) {
      const point = pointIn(objectIn(value));
      const series = isExported
        ? this.exportedOf(name, list, point)
        : this.seriesOf(name, unit, attributesIn(point.attributes, resource), list, point);
      if (!series) continue;
      this.sink.row();
      this.point(point, series, temporality, line);
    }
  }

  private seriesOf(
    name: string,
    unit: string,
    attributes: OtlpAttributes,
    list: unknown,
    point: JsonObject,
  ): OtlpSeries | null {
    const mapped = this.mappedId(list, point.attributes);
    const { host, id, parent, type, index, variant } = attributes;
    const whose = mapped ?? `${host}\n${id}\n${index}\n${parent}\n${type}`;
    const key = `${name}\n${variant}\n${unit}\n${whose}`;
    const known = this.series.get(key);
    if (known !== undefined) return known;
    const series = this.book.resolve(name, unit, attributes, mapped);
    // A sensor may come before the chip that it is in: it is asked for again.
    if (series || type !== 'temperature') this.series.set(key, series);
    return series;
  }

  /** The series of a metric that a collector scraped from an exporter: its attributes are the labels. */
  private exportedOf(name: string, list: unknown, point: JsonObject): OtlpSeries | null {
    const labels = new Map([...namedAttributes(list), ...namedAttributes(point.attributes)]);
    const key = `${name}\n${[...labels].join('\n')}`;
    const known = this.series.get(key);
    if (known !== undefined) return known;
    for (const [attribute, label] of LABELS) {
      const text = labels.get(attribute);
      if (text && !labels.has(label)) labels.set(label, text);
    }
    const series = this.book.exported(name, labels, this.mappedId(list, point.attributes));
    this.series.set(key, series);
    return series;
  }

  /** Id of the scope by the attributes that the rule names; null where it names none. */
  private mappedId(resource: unknown, point: unknown): string | null {
    const { mapping } = this.context.rule;
    if (!mapping) return null;
    if (mapping.scopeId !== undefined) return mapping.scopeId;
    if (!mapping.scope) return null;
    const named = new Map([...namedAttributes(resource), ...namedAttributes(point)]);
    return mapping.scope.map((name) => named.get(name) ?? '').join('/');
  }

  private point(point: JsonObject, series: OtlpSeries, temporality: Temporality, line: number): void {
    if (typeof point.flags === 'number' && (point.flags & NO_RECORDED_VALUE) !== 0) return;
    const timeMs = this.timeOf(point.timeUnixNano);
    const number = jsonNumber(point.asDouble ?? point.asInt);
    const isBlank = number === null || series.blanks.includes(number);
    const value = isBlank ? Number.NaN : applyScale(number, series.scale);
    const fault = faultOf(timeMs, number, value, series, temporality);
    if (fault) {
      const raw = `${shown(point.asDouble ?? point.asInt)} at ${shown(point.timeUnixNano)}`;
      this.sink.reject({ line, ...fault, raw });
    } else if (Number.isNaN(value)) return;
    else if (series.isCounter) this.count(point, series, timeMs, value, temporality === 'delta');
    else this.hand(series, timeMs, value);
  }

  /** A delta is added up to a counter that begins at the start of its first interval. */
  private count(
    point: JsonObject,
    series: OtlpSeries,
    timeMs: number,
    value: number,
    isDelta: boolean,
  ): void {
    const { sum } = series;
    if (sum.pendingMs !== timeMs) this.handSum(series);
    if (isDelta && Number.isNaN(sum.pendingMs)) {
      const startMs = nanosMs(point.startTimeUnixNano);
      if (startMs >= EARLIEST_MS && startMs < timeMs) this.hand(series, startMs, sum.total);
    }
    if (isDelta) sum.total += value;
    else sum.total = sum.series === 1 ? value : sum.total + value - series.added;
    series.added = isDelta ? series.added + value : value;
    sum.pendingMs = timeMs;
    this.pending.set(sum, series);
  }

  private handSum(series: OtlpSeries): void {
    const { pendingMs, total } = series.sum;
    if (!Number.isNaN(pendingMs)) this.hand(series, pendingMs, total);
  }

  /** Hands on what is held back. Call once, after the last request. */
  end(): void {
    for (const series of this.pending.values()) this.handSum(series);
  }

  private hand(series: OtlpSeries, timeMs: number, value: number): void {
    this.values[series.index] = value;
    this.sink.sample(series.scope, timeMs, this.values, series.only);
    this.values[series.index] = Number.NaN;
  }

  private timeOf(text: unknown): number {
    if (text !== this.timeText) {
      this.timeText = text;
      this.timeMs = nanosMs(text);
    }
    return this.timeMs;
  }
}

/**
 * Metrics of the OpenTelemetry collector's file exporter: one request a line, in JSON. Also what the Python SDK
 * writes to the console.
 */
export const otlpJson: Format = {
  id: 'otlp-json',
  title: 'OpenTelemetry OTLP/JSON',
  sniff: (head) => /"resource(?:Metrics|_metrics)"\s*:/.test(head),
  async read(chunks, context, sink) {
    const reader = new OtlpReader(context, sink);
    await forEachDocument(chunks, context, sink, (document, line) => reader.request(document, line));
    reader.end();
  },
};
