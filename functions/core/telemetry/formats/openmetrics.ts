import { readExposition } from '../prometheus/exposition.ts';
import { expositionIn } from '../prometheus/exposition-head.ts';
import type { Format } from './format.ts';

/** OpenMetrics text, whose time stamps are seconds: pages of exporters, `promtool tsdb dump-openmetrics`. */
export const openMetrics: Format = {
  id: 'openmetrics',
  title: 'OpenMetrics text (promtool tsdb dump-openmetrics)',
  sniff: (head) => expositionIn(head) === 'openmetrics',
  read: (chunks, context, sink) =>
    readExposition(chunks, context, sink, { timeForm: 'unix-s', endsWithEof: true }),
};
