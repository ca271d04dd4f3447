import redfishHgx from '../../../../data/aliases/redfish-hgx.json' with { type: 'json' };
import { AliasesSchema, readingOf } from '../aliases.ts';
import { type JsonObject, objectIn, textIn } from '../json-rows.ts';
import { hostId, partId } from '../scope-id.ts';
import type { ReadingPlan } from '../table-plan.ts';
import { SI } from '../units.ts';
import type { ReadContext } from './format.ts';
import { gpuId, gpuSensor, sensorName } from './redfish-sensors.ts';

const ALIASES = AliasesSchema.parse(redfishHgx);
const GPU = /^(?:HGX_)?(GPU(?:_SXM)?_\d+)$/;
const PROPERTY = /\/(Chassis|Processors)\/([^/#]+)\/(EnvironmentMetrics|ProcessorMetrics)\/?#\/(.+)$/;
const CONTROLLED = /\/Chassis\/([^/#]+)\/Power\/?#\/PowerControl\/0\/PowerConsumedWatts$/;
/** What OpenBMC and DMTF's mock-ups call the power of a whole chassis. */
const TOTAL = /\/Chassis\/([^/#]+)\/Sensors\/(?:power_)?total_?power$/i;
/** Chassis that are parts of a host, or hold some of its parts, by the words that makers name them with. */
const PART =
  /HGX_|GPU|CPU|UBB|OAM|NIC|NVSwitch|NVLink|ProcessorModule|BMC|RoT|FPGA|PCIe|Riser|Storage|Backplane|NVMe|Drive|Fan|PDB|PSU|Power/i;
const DURATION = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const [DAY_S, HOUR_S, MINUTE_S] = [86_400, 3_600, 60];

/** What a property of a resource is of. */
export interface Target {
  readonly kind: 'chip' | 'node';
  readonly id: string;
  readonly plan: ReadingPlan;
}

const HOST_POWER: ReadingPlan = { field: 'power_w', scale: SI };

/** A host's power by the chassis that it is of; null for a chassis that is a part. */
const hostPower = (chassis: string, host: string, context: ReadContext): Target | null =>
  PART.test(chassis) ? null : { kind: 'node', id: hostId(chassis, host, context), plan: HOST_POWER };

/**
 * What the property at a path with a JSON pointer, or the sensor at a path, is of; null where it is not read. `host`
 * is what the poller calls the host ('': nothing).
 */
export function targetOf(path: string, host: string, context: ReadContext): Target | null {
  const sensor = gpuSensor(sensorName(path));
  if (sensor) return { kind: 'chip', id: gpuId(sensor, host, context), plan: sensor.plan };
  const whole = (CONTROLLED.exec(path) ?? TOTAL.exec(path))?.[1];
  if (whole !== undefined) return hostPower(whole, host, context);
  const [, collection, member = '', resource, pointer = ''] = PROPERTY.exec(path) ?? [];
  const plan = readingOf(ALIASES, `${resource}#/${pointer.replace(/\/Reading$/, '')}`);
  if (!plan) return null;
  const gpu = GPU.exec(member)?.[1];
  if (gpu !== undefined) return { kind: 'chip', id: partId(`HGX_${gpu}`, host, context), plan };
  return collection === 'Chassis' && plan.field === 'power_w' ? hostPower(member, host, context) : null;
}

/** The paths of all properties of a resource that may be read, each with its value. */
export function propertiesOf(resource: JsonObject): readonly (readonly [path: string, value: unknown])[] {
  const type = /^#(\w+)\./.exec(textIn(resource['@odata.type']))?.[1] ?? '';
  const path = textIn(resource['@odata.id']);
  return Object.keys(ALIASES.readings)
    .filter((name) => name.startsWith(`${type}#/`))
    .map((name) => {
      const pointer = name.slice(type.length + 2);
      const steps = pointer.split('/');
      const last = steps.pop() as string;
      const value = steps.reduce(stepInto, resource)[last];
      const isExcerpt = value !== null && typeof value === 'object';
      return [`${path}#/${pointer}`, isExcerpt ? objectIn(value).Reading : value] as const;
    });
}

const stepInto = (object: JsonObject, step: string): JsonObject => objectIn(object[step]);

/** A duration of ISO 8601 as a number of seconds; any other value as it is. */
export function secondsIn(value: unknown): unknown {
  const match = typeof value === 'string' && value !== 'P' ? DURATION.exec(value) : null;
  if (!match) return value;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return days * DAY_S + hours * HOUR_S + minutes * MINUTE_S + seconds;
}
