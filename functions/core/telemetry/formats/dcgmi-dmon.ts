import aliases from '../../../../data/aliases/dcgmi-dmon.json' with { type: 'json' };
import { AliasesSchema } from '../aliases.ts';
import { type MonitorDialect, readMonitor } from '../monitor-table.ts';
import type { Format } from './format.ts';

/** `#Entity POWER`, `# Entity POWER`; a wrapper may have put a time in front. */
const HEADER = /^.{0,40}?#\s*Entity\s+[A-Z]/;
/** Prose may stand before the header, but not much of it. */
const LINES = 6;
/** A time as wrappers put it in front: in brackets, or with a comma, colon or stroke behind it. */
const WRAPPED = /^\s*\[([^\]]{8,40})\]:?\s+/;
const POINTED = /^(\s*(?:[\d./-]+[T ])?[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)\s*[,;:|]\s+/;
/** `Sep 01 09:53:58` of moreutils' ts and of syslog has no year, and is no device: one word that is no time. */
const YEARLESS = /^\s*([A-Z][a-z]{2})\s+(\d{1,2})\s+(\d\d:\d\d:\d\d(?:\.\d+)?)\s+/;
const ENTITY = /^[A-Za-z][A-Za-z-]*$/;

const DIALECT: MonitorDialect = {
  aliases: AliasesSchema.parse(aliases),
  header(words) {
    const at = words.findIndex(
      (word, i) => word === '#Entity' || (word === 'Entity' && words[i - 1] === '#'),
    );
    if (at < 0) return null;
    const before = words.slice(0, at).filter((word) => word !== '#').length;
    return { before, names: words.slice(at + 1) };
  },
  words: (line) =>
    line.replace(WRAPPED, '$1 ').replace(POINTED, '$1 ').replace(YEARLESS, '$1-$2-$3 ').trim().split(/\s+/),
  // The wrapper's time stands before units too, and an `Id` is no device.
  isUnits: (words) => words.some((word, i) => i < 3 && /^#?I[dD]$/.test(word)),
  device([kind = '', index = '']) {
    if (!ENTITY.test(kind) || !/^\d+(?:\/\d+)*$/.test(index)) return null;
    return { words: 2, index: kind === 'GPU' ? index : null, kind };
  },
};

/** `dcgmi dmon`: rows of two words for the device under a header of one, and no time of its own. */
export const dcgmiDmon: Format = {
  id: 'dcgmi-dmon',
  title: 'dcgmi dmon',
  sniff: (head) => head.split('\n', LINES).some((line) => HEADER.test(line)),
  read: (chunks, context, sink) => readMonitor(chunks, context, sink, DIALECT),
};
