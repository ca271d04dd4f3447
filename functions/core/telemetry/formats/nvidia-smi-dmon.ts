import aliases from '../../../../data/aliases/nvidia-smi-dmon.json' with { type: 'json' };
import { AliasesSchema } from '../aliases.ts';
import { type MonitorDialect, readMonitor } from '../monitor-table.ts';
import type { Format } from './format.ts';

/** `# gpu pwr`, `#Time gpu pwr`, `#Date Time gpu pwr`; a wrapper may have put a time in front. Not pmon's. */
const HEADER = /^.{0,40}?#\s*(?:Date[\s,]+)?(?:Time[\s,]+)?gpu[\s,]+(?!pid\b)[^\s,]/;
/** Prose may stand before the header, but not much of it. */
const LINES = 6;

const DIALECT: MonitorDialect = {
  aliases: AliasesSchema.parse(aliases),
  header(words) {
    const at = words.findIndex((word) => word === 'gpu' || word === '#gpu');
    const hash = words.findIndex((word) => word.startsWith('#'));
    if (at < 0 || hash < 0 || hash > at) return null;
    const before = words.slice(0, at).filter((word) => word !== '#').length;
    return { before, names: words.slice(at + 1) };
  },
  isUnits: (words) =>
    words.some((word) => /^#?Idx$/i.test(word)) && words.some((word) => word.startsWith('#')),
  words: (line) => line.trim().split(line.includes(',') ? /[\s,]+/ : /\s+/),
  device: ([index = '']) => (/^\d{1,4}$/.test(index) ? { words: 1, index, kind: 'GPU' } : null),
};

/** `nvidia-smi dmon`, with or without `-o D`, `-o T` and `--format csv`. Without a header, by `columns` of run.json. */
export const nvidiaSmiDmon: Format = {
  id: 'nvidia-smi-dmon',
  title: 'nvidia-smi dmon',
  sniff: (head) => head.split('\n', LINES).some((line) => HEADER.test(line)),
  read: (chunks, context, sink) => readMonitor(chunks, context, sink, DIALECT),
};
