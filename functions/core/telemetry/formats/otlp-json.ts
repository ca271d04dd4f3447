import { arrayIn, forEachDocument, type JsonObject, jsonNumber, objectIn, textIn } from '../json-rows.ts';
import { emptySample } from '../sample.ts';
import { EARLIEST_MS } from '../time.ts';
import { applyScale } from '../units.ts';
import type { Format, ReadContext, RecordSink } from './format.ts';
import { attributesIn, namedAttributes, NO_ATTRIBUTES, type OtlpAttributes } from './otlp-attributes.ts';
import { type OtlpSeries, OtlpSeriesBook } from './otlp-series.ts';

/** Bit of a data point's flags that says that there is no recorded value. */
const NO_RECORDED_VALUE = 1;
const NANO_DIGITS_PER_MS = 6;
const NANOSECONDS = /^\d{16,19}$/;
const RAW_CHARACTERS = 200;

type Temporality = 'gauge' | 'cumulative' | 'delta' | 'unspecified';

const TEMPORALITIES: Readonly<Record<string, Temporality>> = {
  1: 'delta',
  2: 'cumulative',
  AGGREGATION_TEMPORALITY_DELTA: 'delta',
  AGGREGATION_TEMPORALITY_CUMULATIVE: 'cumulative',
};

/** Ms since the epoch of nanoseconds written as a text; NaN where it is none. */
function nanosMs(value: unknown): number {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || !NANOSECONDS.test(text)) return Number.NaN;
  return Number(text.slice(0, -NANO_DIGITS_PER_MS)) + Number(text.slice(-NANO_DIGITS_PER_MS)) / 1e6;
}

/** Reads requests. Series are looked up by the texts that tell them apart; a data point makes no object of its own. */
class OtlpReader {
  private readonly values = emptySample();
  private readonly series = new Map<string, OtlpSeries | null>();
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
    for (const value of arrayIn(request.resourceMetrics)) {
      const { resource, scopeMetrics, instrumentationLibraryMetrics } = objectIn(value);
      const list = objectIn(resource).attributes;
      const attributes = attributesIn(list, NO_ATTRIBUTES);
      for (const scope of arrayIn(scopeMetrics ?? instrumentationLibraryMetrics))
        for (const metric of arrayIn(objectIn(scope).metrics))
          this.metric(objectIn(metric), attributes, list, line);
    }
  }

  private metric(metric: JsonObject, resource: OtlpAttributes, list: unknown, line: number): void {
    const name = textIn(metric.name);
    if (!this.book.knows(name)) return;
    const sum = metric.sum === undefined ? null : objectIn(metric.sum);
    const temporality: Temporality =
      sum === null ? 'gauge' : (TEMPORALITIES[String(sum.aggregationTemporality)] ?? 'unspecified');
    const unit = textIn(metric.unit);
    for (const value of arrayIn((sum ?? objectIn(metric.gauge)).dataPoints)) {
      const point = objectIn(value);
      const series = this.seriesOf(name, unit, attributesIn(point.attributes, resource), list, point);
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
    const key = mapped ?? `${name}\n${variant}\n${host}\n${id}\n${index}\n${parent}\n${type}\n${unit}`;
    const known = this.series.get(key);
    if (known !== undefined) return known;
    const series = this.book.resolve(name, unit, attributes, mapped);
    // A sensor may come before the chip that it is in: it is asked for again.
    if (series || type !== 'temperature') this.series.set(key, series);
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
    if ((Number(point.flags ?? 0) & NO_RECORDED_VALUE) !== 0) return;
    const timeMs = this.timeOf(point.timeUnixNano);
    if (!(timeMs >= EARLIEST_MS)) return this.reject(point, line, 'timeUnixNano', 'time-stamp', 'nanoseconds since 1970');
    if (temporality === 'unspecified')
      return this.reject(point, line, 'aggregationTemporality', 'temporality', '1 (delta) or 2 (cumulative)');
    const number = jsonNumber(point.asDouble ?? point.asInt);
    if (number === null) return this.reject(point, line, 'value', 'number', 'asDouble or asInt');
    if (Number.isNaN(number)) return;
    const value = applyScale(number, series.scale);
    const [low, high] = series.range;
    if (value < low || value > high) return this.reject(point, line, series.field, 'range', `${low} to ${high}`);
    if (!series.isCounter) {
      if (temporality !== 'delta') this.hand(series, timeMs, value);
      else this.reject(point, line, 'aggregationTemporality', 'temporality', 'a gauge or a cumulative sum');
    } else this.count(point, series, timeMs, value, temporality === 'delta');
  }

  /** A delta is added up to a counter that begins at the start of its first interval. */
  private count(point: JsonObject, series: OtlpSeries, timeMs: number, value: number, isDelta: boolean): void {
    const startMs = isDelta && !series.isBased ? nanosMs(point.startTimeUnixNano) : Number.NaN;
    if (startMs >= EARLIEST_MS && startMs < timeMs) this.hand(series, startMs, series.sum.total);
    series.isBased = true;
    const rise = isDelta ? value : value - series.added;
    series.added += rise;
    series.sum.total += rise;
    this.hand(series, timeMs, series.sum.total);
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

  private reject(point: JsonObject, line: number, column: string, reason: string, expected: string): void {
    const raw = JSON.stringify(point).slice(0, RAW_CHARACTERS);
    this.sink.reject({ line, column, reason, expected, raw });
  }
}

/** Metrics of the OpenTelemetry collector's file exporter: one request a line, in JSON. */
export const otlpJson: Format = {
  id: 'otlp-json',
  title: 'OpenTelemetry OTLP/JSON',
  sniff: (head) => /"resourceMetrics"\s*:/.test(head),
  async read(chunks, context, sink) {
    const reader = new OtlpReader(context, sink);
    await forEachDocument(chunks, context, sink, (document, line) => reader.request(document, line));
  },
};
