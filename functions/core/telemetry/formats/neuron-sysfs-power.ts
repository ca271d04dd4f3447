import { forEachLine } from '../lines.ts';
import type { Format } from './format.ts';

const SYSFS_POWER = /^POWER_STATUS_[A-Z]+,/;

/** What the driver's sysfs gives instead of power: a share of a maximum that nobody states. Not read as power. */
export const neuronSysfsPower: Format = {
  id: 'neuron-sysfs-power',
  title: 'AWS Neuron sysfs power utilization',
  sniff: (head) => SYSFS_POWER.test(head),
  async read(chunks, context, sink) {
    await forEachLine(chunks, context.path, (line) => {
      if (!SYSFS_POWER.test(line)) return;
      sink.row();
      const message = 'power is given in % of a maximum that is not stated: no power is read';
      sink.note({ code: 'power-in-percent', severity: 'warning', message });
    });
  },
};
