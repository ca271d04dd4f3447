import { readExposition } from '../prometheus/exposition.ts';
import { expositionIn } from '../prometheus/exposition-head.ts';
import type { Format } from './format.ts';

/** Pages of exporters (dcgm-exporter and others) as scraped and saved, one or several; exports with time stamps. */
export const prometheusText: Format = {
  id: 'prometheus-text',
  title: 'Prometheus text: pages of dcgm-exporter and other exporters',
  sniff: (head) => expositionIn(head) === 'prometheus',
  read: (chunks, context, sink) =>
    readExposition(chunks, context, sink, { timeForm: 'unix-ms', endsWithEof: false }),
};
