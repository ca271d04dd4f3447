import { emitStep, isFault, MAXTEXT, readFields } from '../log-fields.ts';
import { forEachLogLine } from '../log-lines.ts';
import type { Format } from './format.ts';

const STEP = /\bcompleted step: *\d/;
const SHAPE = /\bcompleted step: *\d+, seconds: /;

/** Names and texts of `a: 1, b: 2`. */
function* pairsOf(text: string): Generator<[string, string]> {
  for (const part of text.split(', ')) {
    const colon = part.lastIndexOf(':');
    if (colon > 0) yield [part.slice(0, colon).trim(), part.slice(colon + 1).trim()];
  }
}

/**
 * Logs of MaxText, without times. Steps are numbered from 0; `total_weights` are the tokens of the step that are not
 * padding. The first steps' times are those of asynchronous dispatch. Source: MaxText/metric_logger.py.
 */
export const maxtextLog: Format = {
  id: 'maxtext-log',
  title: 'MaxText training log',
  sniff: (head) => SHAPE.test(head),
  async read(chunks, { path }, sink) {
    await forEachLogLine(chunks, path, ({ text, number }) => {
      const at = text.search(STEP);
      if (at < 0) return;
      sink.row();
      const fields = readFields(pairsOf(text.slice(at)), MAXTEXT);
      if (isFault(fields)) sink.reject({ line: number, ...fields, raw: text });
      else if (fields.step === undefined || fields.stepMs === undefined)
        sink.reject({
          line: number,
          column: 'seconds',
          reason: 'cut-line',
          expected: 'a whole line',
          raw: text,
        });
      else emitStep(sink, { ...fields, step: fields.step + 1 }, { timeMs: null });
    });
  },
};
