import type { Boundary } from '../boundary.ts';
import { arrayIn, forEachDocument, type JsonObject, JsonRows, objectIn, textIn } from '../json-rows.ts';
import type { Format, Note, ReadContext, RecordSink } from './format.ts';
import { type Found, isResource, resourcesIn, sniffResource } from './redfish.ts';
import { ResourceClock } from './redfish-clock.ts';
import { dellGpu, dellHost, dellName, hostNameIn, isInput } from './redfish-dell.ts';
import { secondsIn, type Target, targetOf } from './redfish-properties.ts';
import { leftOut, sensorName } from './redfish-sensors.ts';

const TYPE = 'MetricReport';

const isStale = (metric: JsonObject): boolean =>
  objectIn(objectIn(metric.Oem).Nvidia).MetricValueStale === true;

/** Paths whose meaning is kept; a report of a rack has some thousands. */
const TARGETS = 65_536;
/** Note on a metric of power by a name that is not read; null for other metrics. */
const otherPower = (path: string): Note | null =>
  /(?:Power|Watts?)(?:\/Reading)?$/i.test(path)
    ? {
        code: 'power-left-out',
        severity: 'info',
        message: `${path} is not known as the power of a host or of a GPU`,
      }
    : null;

/** Reads the metrics of reports, each with the time of its own sensor. */
class ReportReader {
  private readonly rows: JsonRows;
  private readonly clock: ResourceClock;
  /** By scope and field the path of the one metric that is read for it. */
  private readonly chosen = new Map<string, string>();
  private readonly targets = new Map<string, Target | null>();
  private readonly context: ReadContext;
  private readonly sink: RecordSink;

  constructor(context: ReadContext, sink: RecordSink) {
    this.context = context;
    this.sink = sink;
    this.rows = new JsonRows(sink);
    this.clock = new ResourceClock(context);
  }

  document(document: JsonObject, line: number): void {
    const isReport = (resource: JsonObject): boolean => isResource(resource, TYPE);
    for (const found of resourcesIn(document, line, this.sink, `#${TYPE}`, isReport))
      this.report(found, line);
  }

  private report({ resource: report, time, host }: Found, line: number): void {
    const isOld = isStale(report);
    const metrics = arrayIn(report.MetricValues).map(objectIn);
    const names = metrics.map((metric) => textIn(metric.MetricProperty) || dellName(metric));
    const dell = hostNameIn(names);
    for (const [i, metric] of metrics.entries()) {
      const path = names[i] as string;
      const target =
        path === dell
          ? dellHost(host, this.context)
          : (dellGpu(metric, path, host, this.context) ?? this.targetOf(path, host));
      const side = path === dell && isInput(path) ? 'node-ac' : null;
      if (target) this.metric(metric, target, side, path, textIn(metric.Timestamp) || time, isOld, line);
      else {
        const note = leftOut(sensorName(path)) ?? otherPower(path);
        if (note) this.sink.note(note);
      }
    }
  }

  private targetOf(path: string, host: string): Target | null {
    const key = `${host} ${path}`;
    const known = this.targets.get(key);
    if (known !== undefined) return known;
    const target = targetOf(path, host, this.context);
    if (this.targets.size < TARGETS) this.targets.set(key, target);
    return target;
  }

  private metric(
    metric: JsonObject,
    { kind, id, plan }: Target,
    side: Boundary | null,
    path: string,
    time: string,
    isOld: boolean,
    line: number,
  ): void {
    if (!this.isChosen(`${id} ${plan.field}`, path)) return;
    this.rows.begin(kind);
    if (isOld || isStale(metric)) {
      const message = `${path} is marked as stale, which is no reading`;
      this.sink.note({ code: 'stale-value', severity: 'warning', message });
      return;
    }
    const timeMs = this.clock.stated(time);
    if (typeof timeMs !== 'number') this.rows.refuse({ ...timeMs, column: 'Timestamp' }, time);
    this.rows.put(plan.field, secondsIn(metric.MetricValue), path, plan.scale);
    this.rows.end(id, Number(timeMs), line, kind === 'chip' ? 'chip' : side);
  }

  private isChosen(key: string, path: string): boolean {
    const before = this.chosen.get(key);
    if (before === undefined) this.chosen.set(key, path);
    if (before === undefined || before === path) return true;
    const message = `${path} repeats ${before}, which is read`;
    this.sink.note({ code: 'duplicate-series', severity: 'info', message });
    return false;
  }
}

/**
 * Metric reports of baseboard controllers. Of NVIDIA's only what is of one GPU is read, so that nothing counts
 * twice; of a host the power of its first controller, of its chassis, or what Dell names so.
 */
export const redfishMetricReport: Format = {
  id: 'redfish-metric-report',
  title: 'Redfish MetricReport',
  sniff: (head) => sniffResource(head, TYPE),
  async read(chunks, context, sink) {
    const reader = new ReportReader(context, sink);
    await forEachDocument(chunks, context, sink, (document, line) => reader.document(document, line));
  },
};
