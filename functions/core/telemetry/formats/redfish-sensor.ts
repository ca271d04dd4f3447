import { forEachDocument, type JsonObject, JsonRows, textIn } from '../json-rows.ts';
import { PollClock } from '../poll-clock.ts';
import type { Field } from '../sample.ts';
import { partId } from '../scope-id.ts';
import { EARLIEST_MS, refuseUntimed, type TimeReader, timeReaderFor } from '../time.ts';
import { type Scale, SI } from '../units.ts';
import type { Format, ReadContext, ScopeKind } from './format.ts';
import { isResource, memberIn, sniffResource } from './redfish.ts';
import { gpuId, gpuSensor, leftOut } from './redfish-sensors.ts';

const TYPE = 'Sensor';

interface Plan {
  readonly id: string | null;
  readonly field: Field;
  readonly scale: Scale;
}

/** Of a host only the chassis as a whole: its boards and power supplies are parts of it, and would count twice. */
const KINDS: ReadonlyMap<string, ScopeKind> = new Map([
  ['GPU', 'chip'],
  ['Accelerator', 'chip'],
  ['Chassis', 'node'],
]);
const FIELDS_BY_TYPE: ReadonlyMap<string, Field> = new Map([
  ['Power', 'power_w'],
  ['EnergyJoules', 'energy_j'],
  ['Temperature', 'temperature_c'],
]);
const UNITS: readonly string[] = ['W', 'J', 'Cel'];

/** What the sensor is of, by its name on NVIDIA's baseboards and else by what it says; null where it is not read. */
function planOf(document: JsonObject, name: string): Plan | null {
  const gpu = gpuSensor(name);
  if (gpu) return { id: null, ...gpu.plan };
  const field = FIELDS_BY_TYPE.get(textIn(document.ReadingType));
  const isUnit = UNITS.includes(textIn(document.ReadingUnits));
  if (!field || !isUnit || leftOut(name) !== null) return null;
  return { id: name, field, scale: SI };
}

/** Time that the sensor gives; null where it gives none that can be read. */
function statedTime(times: TimeReader, text: string, { path }: ReadContext): number | null {
  const timeMs = text === '' ? null : times.read(text);
  if (typeof timeMs === 'string') refuseUntimed(timeMs, path, text);
  return typeof timeMs === 'number' && timeMs >= EARLIEST_MS ? timeMs : null;
}

/** One Redfish sensor; its time is its own ReadingTime where it gives one. */
export const redfishSensor: Format = {
  id: 'redfish-sensor',
  title: 'Redfish Sensor',
  sniff: (head) => sniffResource(head, TYPE) && !sniffResource(head, 'MetricReport'),
  async read(chunks, context, sink) {
    const rows = new JsonRows(sink);
    const times = timeReaderFor(context);
    let clock: PollClock | null = null;
    await forEachDocument(chunks, context, sink, (document, line) => {
      const name = memberIn(document, 'Sensors') || textIn(document.Id);
      const kind = gpuSensor(name) ? 'chip' : KINDS.get(textIn(document.PhysicalContext));
      const plan = planOf(document, name);
      rows.begin(kind ?? 'node');
      if (!isResource(document, TYPE))
        rows.refuse({ column: '@odata.type', reason: 'resource', expected: `#${TYPE}` }, name);
      if (kind === undefined || plan === null) {
        const message = `${name}: a sensor of ${textIn(document.PhysicalContext) || 'something'} that is not read`;
        sink.note(leftOut(name) ?? { code: 'sensor-left-out', severity: 'info', message });
        return;
      }
      const gpu = gpuSensor(name);
      const id = gpu ? gpuId(gpu, context) : partId(name || TYPE, '', context);
      const stated = statedTime(times, textIn(document.ReadingTime), context);
      if (stated === null) clock ??= new PollClock(context);
      rows.put(plan.field, document.Reading, `${name}.Reading`, plan.scale);
      const timeMs = stated ?? (clock as PollClock).at(name);
      rows.end(id, timeMs, line, kind === 'chip' ? 'chip' : null);
    });
  },
};
