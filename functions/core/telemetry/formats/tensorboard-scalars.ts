import { splitCells } from '../cells.ts';
import { forEachJsonValue, jsonText } from '../json-values.ts';
import { progressRecord, SAMPLED_EXPORT } from '../progress.ts';
import { readTable } from '../table.ts';
import type { ProgressColumn, TablePlan } from '../table-plan.ts';
import { timeReaderFor } from '../time.ts';
import type { Format, ReadContext, RecordSink } from './format.ts';
import { numberOf } from './mllog.ts';

const HEADER = ['Wall time', 'Step', 'Value'];
const JSON_HEAD = /^\ufeff?\s*\[\s*\[\s*\d{9,}(?:\.\d+)?\s*,\s*\d+\s*,/;
const TAG = /-tag-(.+)\.(?:csv|json)$/;
/** Megatron draws its metrics over samples too, and then calls samples steps. */
const OVER_SAMPLES = /\bvs[ _]samples$/;

const isHeader = (cells: readonly string[]): boolean => HEADER.every((name, i) => cells[i] === name);

/** What the file name says of the series: TensorBoard offers `run-<run>-tag-<tag>.csv`. */
function seriesOf(path: string): { key: string; axis: ProgressColumn } {
  const tag = TAG.exec(path)?.[1] ?? 'value';
  return {
    key: /(?:^|[_/])loss$/.test(tag) ? 'loss' : tag,
    axis: OVER_SAMPLES.test(tag) ? 'samples' : 'step',
  };
}

function planOf(path: string): TablePlan {
  const { key, axis } = seriesOf(path);
  return {
    names: HEADER,
    columns: [
      { role: 'time', form: 'unix-s' },
      { role: 'progress', property: axis },
      { role: 'progress', property: 'value' },
    ],
    kind: 'chip',
    progressKey: key,
  };
}

/** Reads `[[wall time, step, value], …]`. */
async function readJson(
  chunks: AsyncIterable<Uint8Array>,
  context: ReadContext,
  sink: RecordSink,
): Promise<void> {
  const { key, axis } = seriesOf(context.path);
  const times = timeReaderFor(context, 'unix-s');
  const point = (row: unknown, line: number): void => {
    sink.row();
    const [wall, step, value] = Array.isArray(row) ? row : [];
    const timeMs = times.read(typeof wall === 'number' ? String(wall) : '');
    if (typeof timeMs === 'string') reject(sink, row, line, 'Wall time');
    else if (typeof step !== 'number' || !Number.isFinite(step) || step < 0) reject(sink, row, line, 'Step');
    else {
      const at = axis === 'samples' ? { samples: step } : { step };
      sink.progress(progressRecord({ kind: 'step', timeMs, ...at, key, value: numberOf(value) }));
    }
  };
  await forEachJsonValue(chunks, context.path, {
    value: (rows, line) => {
      for (const row of Array.isArray(rows) ? rows : [rows]) point(row, line);
    },
    other: (text, line) => {
      sink.row();
      reject(sink, text, line, null);
    },
  });
}

function reject(sink: RecordSink, row: unknown, line: number, column: string | null): void {
  const raw = typeof row === 'string' ? row : jsonText(row);
  sink.reject({ line, column, reason: 'json', expected: '[wall time, step, value]', raw });
}

/** Whether the first byte that is text begins an array. */
const beginsArray = (bytes: Uint8Array): boolean => bytes.find((b) => b > SPACE && b < NO_ASCII) === BRACKET;

const SPACE = 32;
const BRACKET = 91;
const NO_ASCII = 128;

/** Whether the text begins an array, and all of the text still. */
async function peek(
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ isArray: boolean; all: AsyncIterable<Uint8Array> }> {
  const source = chunks[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  let isText = false;
  for (let next = await source.next(); !next.done; next = await source.next()) {
    head.push(next.value);
    isText = next.value.some((b) => b > SPACE && b < NO_ASCII);
    if (isText) break;
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    yield* head;
    for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
  }
  return { isArray: isText && beginsArray(head.at(-1) as Uint8Array), all: all() };
}

/**
 * Scalars as TensorBoard exports them, CSV or JSON: a random sample of at most a thousand points, with wall times.
 * Steps fall where training went on from a checkpoint.
 */
export const tensorboardScalars: Format = {
  id: 'tensorboard-scalars',
  title: 'TensorBoard scalars, CSV or JSON',
  sniff: (head) => {
    const first = head.replace(/^\ufeff/, '').split(/\r?\n/)[0] ?? '';
    return isHeader(splitCells(first) ?? []) || JSON_HEAD.test(head);
  },
  async read(chunks, context, sink) {
    sink.progress(progressRecord({ kind: 'fact', key: SAMPLED_EXPORT, value: 1 }));
    sink.note({
      code: 'sampled-export',
      severity: 'info',
      message: 'the export is a random sample of the points; its rows are not counted as steps',
    });
    const { isArray, all } = await peek(chunks);
    if (isArray) await readJson(all, context, sink);
    else
      await readTable(all, context, sink, {
        header: (cells) => (isHeader(cells) ? planOf(context.path) : null),
      });
  },
};
