import { forEachJsonValue } from '../json-values.ts';
import { isObject, labelsIn, SeriesReader } from '../prometheus/series-reader.ts';
import type { Readings } from '../prometheus/series-store.ts';
import type { Format, ReadContext, RecordSink } from './format.ts';

class ExportReader extends SeriesReader {
  constructor(context: ReadContext, sink: RecordSink) {
    super(context, sink, 'unix-ms');
  }

  /** One line: a series, or a part of one. Stale markers are null or NaN, which is no reading. */
  export(value: unknown, line: number): void {
    const labels = isObject(value) ? labelsIn(value.metric) : null;
    const { values, timestamps } = isObject(value) ? value : {};
    if (
      !labels ||
      !Array.isArray(values) ||
      !Array.isArray(timestamps) ||
      values.length !== timestamps.length
    ) {
      this.reject(line, null, 'json', 'metric, and as many values as timestamps', value);
      return;
    }
    const plan = this.plan(labels);
    const readings: Readings = { times: [], values: [] };
    for (const [i, number] of values.entries()) this.point(plan, timestamps[i], number, line, readings);
    if (plan) this.keep(plan, readings);
  }
}

/** VictoriaMetrics `/api/v1/export`: `{"metric":{...},"values":[...],"timestamps":[ms...]}` a line. */
export const victoriaMetricsExport: Format = {
  id: 'victoriametrics-export',
  title: 'VictoriaMetrics export (JSON lines)',
  sniff: (head) => /^\ufeff?\s*\{\s*"metric"\s*:\s*\{/.test(head) && /"values"\s*:\s*\[(?!\s*\[)/.test(head),
  async read(chunks, context, sink) {
    const reader = new ExportReader(context, sink);
    await forEachJsonValue(chunks, context.path, {
      value: (value, line) => reader.export(value, line),
      other: (text, line) => reader.reject(line, null, 'json', 'one JSON object a series', text),
    });
    reader.finish();
  },
};
