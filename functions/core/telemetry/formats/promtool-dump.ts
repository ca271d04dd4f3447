import { readExposition } from '../prometheus/exposition.ts';
import { expositionIn } from '../prometheus/exposition-head.ts';
import type { Format } from './format.ts';

/** `promtool tsdb dump`: series by series, `{__name__="...", ...} value` and milliseconds. */
export const promtoolDump: Format = {
  id: 'promtool-dump',
  title: 'promtool tsdb dump',
  sniff: (head) => expositionIn(head) === 'promtool-dump',
  read: (chunks, context, sink) =>
    readExposition(chunks, context, sink, { timeForm: 'unix-ms', endsWithEof: false }),
};
