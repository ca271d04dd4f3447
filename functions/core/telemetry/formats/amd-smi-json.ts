import { AMD_SMI, AMD_SMI_MONITOR } from '../amd-aliases.ts';
import { valueAt } from '../json-path.ts';
import { forEachJsonValue } from '../json-values.ts';
import { FIELDS } from '../sample.ts';
import { isFurtherPartition, PARTITION_NOTE } from '../tool-cells.ts';
import { ToolJsonReader } from '../tool-json.ts';
import type { Format, RecordSink } from './format.ts';

const ENERGY = FIELDS.indexOf('energy_j');
const MICROJOULES_PER_JOULE = 1e6;
/** Something that only amd-smi says of a GPU. */
const KEYS =
  /"(?:gpu_data|socket_power|(?:average|current)_socket_power|gfx_activity|total_energy_consumption|power_usage|hotspot_temperature|gfx_clk|single_bit_ecc|pviol)"\s*:/;

type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** The GPUs of a document: a bare list, `gpu_data`, or one GPU by itself. */
function gpusIn(document: unknown): readonly JsonObject[] {
  const list = isObject(document) ? (document.gpu_data ?? [document]) : document;
  return Array.isArray(list) ? list.filter((entry) => isObject(entry) && 'gpu' in entry) : [];
}

/** Keys that `amd-smi monitor` has beside `gpu`, where `amd-smi metric` has groups of them. */
const MONITOR_KEYS = Object.keys(AMD_SMI_MONITOR.readings).concat('pviol');
const isMonitor = (gpu: JsonObject): boolean => MONITOR_KEYS.some((key) => key in gpu);

/** Whether this is a partition of a GPU after the first, and left out. */
function isLeftOut(gpu: JsonObject, sink: RecordSink): boolean {
  if (!isFurtherPartition(String(gpu.xcp))) return false;
  sink.row();
  sink.note(PARTITION_NOTE);
  return true;
}

/** The accumulator times its resolution in microjoules, where no energy is given (amdsmi_get_energy_count). */
function accumulate(gpu: JsonObject, values: Float64Array): void {
  const [count, resolutionUj] = ['energy_accumulator', 'counter_resolution'].map((name) =>
    valueAt(gpu.energy, name),
  );
  if (typeof count !== 'number' || typeof resolutionUj !== 'number') return;
  if (count < 0 || resolutionUj <= 0 || !Number.isNaN(values[ENERGY])) return;
  values[ENERGY] = (count * resolutionUj) / MICROJOULES_PER_JOULE;
}

/** `amd-smi metric --json` and `monitor --json`, once or one document after another. */
export const amdSmiJson: Format = {
  id: 'amd-smi-json',
  title: 'amd-smi metric and monitor JSON',
  sniff: (head) => /"gpu"\s*:/.test(head) && KEYS.test(head) && /(?:^|\n)\s*[[{]/.test(head),
  async read(chunks, context, sink) {
    const reader = new ToolJsonReader(AMD_SMI, context, sink);
    const monitor = new ToolJsonReader(AMD_SMI_MONITOR, context, sink);
    await forEachJsonValue(chunks, context.path, {
      other: reader.other,
      value(document, line) {
        const gpus = gpusIn(document);
        if (gpus.length === 0) reader.unknown(line, document);
        const shared = isObject(document) ? document.timestamp : undefined;
        for (const gpu of gpus) {
          if (isLeftOut(gpu, sink)) continue;
          const time = gpu.timestamp ?? shared;
          const leaf = (path: string): unknown => valueAt(gpu, path);
          const names = { uuid: gpu.uuid, index: gpu.gpu };
          const device = { names, leaf, time, line, raw: gpu };
          if (isMonitor(gpu)) monitor.device(device);
          else reader.device(device, (values) => accumulate(gpu, values));
        }
      },
    });
  },
};
