import { InputError } from '../../errors.ts';
import { forEachJsonValue } from '../json-values.ts';
import { withoutLookBack } from '../prometheus/look-back.ts';
import type { SeriesPlan } from '../prometheus/series-plan.ts';
import { isObject, labelsIn, SeriesReader, textOf } from '../prometheus/series-reader.ts';
import type { Readings } from '../prometheus/series-store.ts';
import type { Format, ReadContext, RecordSink } from './format.ts';

/** Scripts keep several answers in one document, `{"power":{...},"temperature":{...}}`; none nests them deeper. */
const DEEPEST = 3;

/** A series of a matrix or vector, wherever it stands: its labels and a point of time and text. */
const SERIES = /"metric"\s*:\s*\{[^{}]*\}\s*,\s*"values?"\s*:\s*\[\s*(?:\[\s*)?\d+(?:\.\d+)?\s*,\s*"/;

/** The answers or series that a document holds in place of being one; null where it holds none. */
function partsOf(document: unknown): readonly unknown[] | null {
  if (Array.isArray(document)) return document;
  if (!isObject(document) || document.metric !== undefined) return null;
  const parts = Object.values(document).filter((part) => part !== null && typeof part === 'object');
  return parts.length > 0 ? parts : null;
}

/** The series of an answer; null where the document is no answer with a matrix or a vector. */
function resultIn(document: unknown, path: string): readonly unknown[] | null {
  if (!isObject(document)) return null;
  if (document.status === 'error')
    throw new InputError(
      'query-failed',
      `${path}: the answer is an error, ${JSON.stringify(textOf(document.error).slice(0, 200))}; expected a matrix`,
    );
  const data = isObject(document.data) ? document.data : document;
  return Array.isArray(data.result) ? data.result : null;
}

/** Points of a series of a matrix, or the one of a vector. */
function pointsIn(series: Record<string, unknown>): readonly unknown[] {
  if (Array.isArray(series.values)) return series.values;
  return Array.isArray(series.value) ? [series.value] : [];
}

class RangeReader extends SeriesReader {
  constructor(context: ReadContext, sink: RecordSink) {
    super(context, sink, 'unix-s');
  }

  answer(document: unknown, line: number, depth = 0): void {
    const result = resultIn(document, this.context.path);
    const parts = result === null && depth < DEEPEST ? partsOf(document) : null;
    if (parts) for (const part of parts) this.answer(part, line, depth + 1);
    else for (const series of result ?? [document]) this.one(series, line);
  }

  private one(series: unknown, line: number): void {
    const labels = isObject(series) ? labelsIn(series.metric) : null;
    const expected = 'an answer of query_range: data.result with metric and values';
    if (labels && isObject(series)) this.series(labels, pointsIn(series), line);
    else this.reject(line, null, 'json', expected, series);
  }

  private series(labels: ReadonlyMap<string, string>, points: readonly unknown[], line: number): void {
    const plan = this.plan(labels);
    const readings: Readings = { times: [], values: [] };
    for (const point of points) {
      if (Array.isArray(point)) this.point(plan, point[0], point[1], line, readings);
      else this.reject(line, plan?.name ?? null, 'json', '[seconds, "number"]', point);
    }
    if (plan) this.keep(plan, this.checked(plan, readings));
  }

  private checked(plan: SeriesPlan, readings: Readings): Readings {
    const kept = withoutLookBack(readings);
    const madeUp = readings.times.length - kept.times.length;
    if (madeUp > 0)
      this.writer.note(
        `${plan.scope} ${plan.name}`,
        'look-back',
        `${plan.scope}: the last ${madeUp} values of ${plan.name} before it breaks off repeat one reading for the five minutes that a query looks back; they are not counted`,
      );
    return kept;
  }
}

/** Answers of Prometheus' query_range (and query), one or several: `{"data":{"resultType":"matrix","result":[...]}}`. */
export const prometheusRange: Format = {
  id: 'prometheus-range',
  title: 'Prometheus query_range JSON',
  sniff: (head) =>
    /^\ufeff?\s*[[{]/.test(head) &&
    (/"resultType"\s*:\s*"(?:matrix|vector)"/.test(head) || SERIES.test(head)),
  async read(chunks, context, sink) {
    const reader = new RangeReader(context, sink);
    await forEachJsonValue(chunks, context.path, {
      value: (value, line) => reader.answer(value, line),
      other: (text, line) => reader.reject(line, null, 'json', 'an answer of query_range', text),
    });
    reader.finish();
  },
};
