import redfishHgx from '../../../../data/aliases/redfish-hgx.json' with { type: 'json' };
import { AliasesSchema, readingOf } from '../aliases.ts';
import { partId } from '../scope-id.ts';
import type { ReadingPlan } from '../table-plan.ts';
import type { Note, ReadContext } from './format.ts';

const ALIASES = AliasesSchema.parse(redfishHgx);
const GPU = /^(?:HGX_)?(GPU(?:_SXM)?_\d+)_(.+)$/;
const POWER_OR_ENERGY = /_(?:Power|Energy)_\d+$/i;

/** What a sensor of a baseboard is. */
interface GpuSensor {
  /** The GPU by the BMC's own numbering, which is not the driver's. */
  readonly gpu: string;
  readonly plan: ReadingPlan;
}

/** Name of a sensor by its path: `HGX_GPU_0_Power_0` of `/redfish/v1/Chassis/HGX_GPU_0/Sensors/HGX_GPU_0_Power_0`. */
export const sensorName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

export function gpuSensor(name: string): GpuSensor | null {
  const match = GPU.exec(name);
  if (!match) return null;
  const [, gpu = '', rest = ''] = match;
  const plan = readingOf(ALIASES, `GPU_#_${rest.replace(/^temp/i, 'TEMP')}`);
  return plan && { gpu: `HGX_${gpu}`, plan };
}

export const gpuId = (sensor: GpuSensor, host: string, context: ReadContext): string =>
  partId(sensor.gpu, host, context);

/** Why a power or energy is not read, though it is one; null for sensors of other things. */
export function leftOut(name: string): Note | null {
  if (!POWER_OR_ENERGY.test(name)) return null;
  const note = (code: string, why: string): Note => ({ code, severity: 'info', message: `${name} ${why}` });
  if (/_DRAM_/i.test(name)) return note('memory-power-left-out', 'is inside the power of its GPU');
  if (/Total/i.test(name))
    return note('total-power-left-out', 'is a sum of sensors that are read by themselves');
  return note(
    'component-power-left-out',
    'is of another component, or of a host by another name than those that are read',
  );
}
