import type { Fault } from '../cell.ts';
import { arrayIn, forEachDocument, type JsonObject, JsonRows, objectIn, textIn } from '../json-rows.ts';
import { EARLIEST_MS, expectedTime, refuseUntimed, type TimeReader, timeReaderFor } from '../time.ts';
import type { Format, ReadContext, RecordSink } from './format.ts';
import { isResource, sniffResource } from './redfish.ts';
import { type GpuSensor, gpuId, gpuSensor, leftOut, sensorName } from './redfish-sensors.ts';

const TYPE = 'MetricReport';

const isStale = (metric: JsonObject): boolean =>
  objectIn(objectIn(metric.Oem).Nvidia).MetricValueStale === true;

/** Reads the metrics of reports, each with the time of its own sensor. */
class ReportReader {
  private readonly rows: JsonRows;
  private readonly times: TimeReader;
  /** By scope and field the path of the one metric that is read for it. */
  private readonly chosen = new Map<string, string>();
  private readonly context: ReadContext;
  private readonly sink: RecordSink;

  constructor(context: ReadContext, sink: RecordSink) {
    this.context = context;
    this.sink = sink;
    this.rows = new JsonRows(sink);
    this.times = timeReaderFor(context);
  }

  report(report: JsonObject, line: number): void {
    if (!isResource(report, TYPE)) {
      this.rows.begin('chip');
      const type = textIn(report['@odata.type']);
      this.rows.refuse({ column: '@odata.type', reason: 'resource', expected: `#${TYPE}` }, type);
      this.rows.end('', Number.NaN, line, null);
      return;
    }
    const isOld = isStale(report);
    for (const value of arrayIn(report.MetricValues)) {
      const metric = objectIn(value);
      const path = textIn(metric.MetricProperty) || textIn(metric.MetricId);
      const sensor = gpuSensor(sensorName(path));
      if (sensor)
        this.metric(metric, sensor, path, textIn(metric.Timestamp) || textIn(report.Timestamp), isOld, line);
      else {
        const note = leftOut(sensorName(path));
        if (note) this.sink.note(note);
      }
    }
  }

  private metric(
    metric: JsonObject,
    sensor: GpuSensor,
    path: string,
    time: string,
    isOld: boolean,
    line: number,
  ): void {
    const id = gpuId(sensor, this.context);
    if (!this.isChosen(`${id} ${sensor.plan.field}`, path)) return;
    this.rows.begin('chip');
    if (isOld || isStale(metric)) {
      const message = `${path} is marked as stale, which is no reading`;
      this.sink.note({ code: 'stale-value', severity: 'warning', message });
      return;
    }
    const timeMs = this.timeOf(time);
    if (typeof timeMs !== 'number') this.rows.refuse(timeMs, time);
    this.rows.put(sensor.plan.field, metric.MetricValue, path, sensor.plan.scale);
    this.rows.end(id, Number(timeMs), line, 'chip');
  }

  private isChosen(key: string, path: string): boolean {
    const before = this.chosen.get(key);
    if (before === undefined) this.chosen.set(key, path);
    if (before === undefined || before === path) return true;
    const message = `${path} repeats ${before}, which is read`;
    this.sink.note({ code: 'duplicate-series', severity: 'info', message });
    return false;
  }

  private timeOf(text: string): number | Fault {
    const timeMs = this.times.read(text);
    if (typeof timeMs === 'number' && timeMs >= EARLIEST_MS) return timeMs;
    const error = typeof timeMs === 'number' ? 'time-stamp' : timeMs;
    refuseUntimed(error, this.context.path, text);
    const expected = expectedTime(error, 'iso', this.context.rule.timeZone);
    return { column: 'Timestamp', reason: error, expected };
  }
}

/** Metric reports of NVIDIA's baseboard controllers. Only what is of one GPU is read, so that nothing counts twice. */
export const redfishMetricReport: Format = {
  id: 'redfish-metric-report',
  title: 'Redfish MetricReport (NVIDIA HGX)',
  sniff: (head) => sniffResource(head, TYPE),
  async read(chunks, context, sink) {
    const reader = new ReportReader(context, sink);
    await forEachDocument(chunks, context, sink, (document, line) => reader.report(document, line));
  },
};
