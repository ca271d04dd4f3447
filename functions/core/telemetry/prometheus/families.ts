import amd from '../../../../data/aliases/amd-device-metrics-exporter.json' with { type: 'json' };
import dcgm from '../../../../data/aliases/dcgm.json' with { type: 'json' };
import gaudi from '../../../../data/aliases/gaudi-exporter.json' with { type: 'json' };
import neuron from '../../../../data/aliases/neuron-prometheus.json' with { type: 'json' };
import nvidiaSmi from '../../../../data/aliases/nvidia-gpu-exporter.json' with { type: 'json' };
import otel from '../../../../data/aliases/otel-prometheus.json' with { type: 'json' };
import { type Aliases, AliasesSchema } from '../aliases.ts';
import type { Boundary } from '../boundary.ts';
import { DCGM_BLANKS } from '../dcgm-blanks.ts';
import type { ReadContext } from '../formats/format.ts';
import type { ChipNames } from '../scope-id.ts';
import { labelOf } from './labels.ts';

type Labels = ReadonlyMap<string, string>;

/** One exporter: its names, and how its labels name a chip. */
export interface Family {
  readonly aliases: Aliases;
  /** What its power and energy cover, where the exporter fixes it. */
  readonly boundary: Boundary | null;
  readonly chip: (labels: Labels, context: ReadContext) => ChipNames;
  /** Whether a series is of a part of a chip: `instance` repeats what is the chip's, `partition` says nothing of it. */
  readonly part?: (labels: Labels) => 'instance' | 'partition' | null;
  /** Numbers as they stand that mean "no reading". */
  readonly sentinels: readonly number[];
}

const HOST = ['Hostname', 'hostname', 'host_name', 'host', 'node', 'nodename', 'kubernetes_node'];

/** The host that labels name; the address that was scraped, without its port, where none does. */
const hostOf = (labels: Labels): string | undefined =>
  labelOf(labels, HOST) ?? labels.get('instance')?.replace(/:\d+$/, '');

/** Before driver 470 an instance was named by its GPU: MIG-GPU-<uuid>/<GPU instance>/<compute instance>. */
const INSTANCE_UUID = /^MIG-(GPU-[0-9a-f-]+)\/\d+\/\d+$/i;

/** How labels name a chip where nothing else says it: UUID, bus id or index, and host. */
export function nvidiaChip(labels: Labels): ChipNames {
  const uuid = labelOf(labels, ['UUID', 'uuid', 'gpu_uuid']);
  return {
    uuid: uuid === undefined ? undefined : (INSTANCE_UUID.exec(uuid)?.[1] ?? uuid),
    busId: labels.get('pci_bus_id'),
    index: labelOf(labels, ['gpu', 'index']),
    node: hostOf(labels),
  };
}

const WHOLE = new Set([undefined, '', '0']);
/** "Not available" of 16, 32 and 64 bits. */
const AMD_BLANKS = [65_535, 4_294_967_295, 2 ** 64];

export const FAMILIES: readonly Family[] = [
  {
    aliases: AliasesSchema.parse(dcgm),
    boundary: 'chip',
    chip: nvidiaChip,
    part: (labels) => (labels.get('GPU_I_ID') ? 'instance' : null),
    sentinels: DCGM_BLANKS,
  },
  { aliases: AliasesSchema.parse(nvidiaSmi), boundary: 'chip', chip: nvidiaChip, sentinels: [] },
  {
    aliases: AliasesSchema.parse(amd),
    boundary: 'chip',
    chip: (labels) => ({
      serial: labelOf(labels, ['gpu_uuid', 'GPU_UUID', 'serial_number', 'SERIAL_NUMBER']),
      index: labels.get('gpu_id'),
      node: hostOf(labels),
    }),
    part: (labels) => (WHOLE.has(labels.get('gpu_partition_id')) ? null : 'partition'),
    sentinels: AMD_BLANKS,
  },
  {
    aliases: AliasesSchema.parse(gaudi),
    boundary: 'chip',
    chip: (labels) => ({
      serial: labelOf(labels, ['UUID', 'uuid', 'Serial', 'serial']),
      index: labels.get('id'),
      node: hostOf(labels),
    }),
    sentinels: [],
  },
  {
    aliases: AliasesSchema.parse(neuron),
    boundary: null,
    chip: (labels) => {
      const core = labels.get('neuroncore');
      const device = labels.get('neuron_device_index');
      const local = core !== undefined ? `neuroncore${core}` : device && `neuron${device}`;
      return { busId: local, node: labels.get('instance_id') ?? hostOf(labels) };
    },
    sentinels: [],
  },
  {
    aliases: AliasesSchema.parse(otel),
    boundary: null,
    chip: (labels) => ({ serial: labels.get('hw_id'), node: hostOf(labels) }),
    sentinels: [],
  },
];
