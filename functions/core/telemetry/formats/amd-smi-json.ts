import { AMD_SMI } from '../amd-aliases.ts';
import { valueAt } from '../json-path.ts';
import { forEachJsonValue } from '../json-values.ts';
import { FIELDS } from '../sample.ts';
import { ToolJsonReader } from '../tool-json.ts';
import type { Format } from './format.ts';

const ENERGY = FIELDS.indexOf('energy_j');
const MICROJOULES_PER_JOULE = 1e6;
/** Something that only amd-smi says of a GPU. */
const KEYS =
  /"(?:gpu_data|socket_power|(?:average|current)_socket_power|gfx_activity|total_energy_consumption)"\s*:/;

type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** The GPUs of a document: a bare list, `gpu_data`, or one GPU by itself. */
function gpusIn(document: unknown): readonly JsonObject[] {
  const list = isObject(document) ? (document.gpu_data ?? [document]) : document;
  return Array.isArray(list) ? list.filter((entry) => isObject(entry) && 'gpu' in entry) : [];
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

/** `amd-smi metric --json`, once or one document after another. */
export const amdSmiJson: Format = {
  id: 'amd-smi-json',
  title: 'amd-smi metric JSON',
  sniff: (head) => /"gpu"\s*:/.test(head) && KEYS.test(head) && /(?:^|\n)\s*[[{]/.test(head),
  async read(chunks, context, sink) {
    const reader = new ToolJsonReader(AMD_SMI, context, sink);
    await forEachJsonValue(chunks, context.path, {
      other: reader.other,
      value(document, line) {
        const gpus = gpusIn(document);
        if (gpus.length === 0) reader.unknown(line, document);
        const shared = isObject(document) ? document.timestamp : undefined;
        for (const gpu of gpus) {
          const time = gpu.timestamp ?? shared;
          const leaf = (path: string): unknown => valueAt(gpu, path);
          const names = { uuid: gpu.uuid, index: gpu.gpu };
          reader.device({ names, leaf, time, line, raw: gpu }, (values) => accumulate(gpu, values));
        }
      },
    });
  },
};
