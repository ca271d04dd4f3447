import type { Fault } from '../cell.ts';
import { forEachDocument, type JsonObject, JsonRows, textIn } from '../json-rows.ts';
import type { Field } from '../sample.ts';
import { partId } from '../scope-id.ts';
import { type Scale, SI } from '../units.ts';
import type { Format, ReadContext, RecordSink, ScopeKind } from './format.ts';
import { type Found, isResource, memberIn, resourcesIn, sniffResource } from './redfish.ts';
import { ResourceClock } from './redfish-clock.ts';
import { propertiesOf, secondsIn, targetOf } from './redfish-properties.ts';
import { gpuId, gpuSensor, leftOut } from './redfish-sensors.ts';

const SENSOR = 'Sensor';
/** The resources that are read here, as their types name them. */
const TYPES = [SENSOR, 'EnvironmentMetrics', 'ProcessorMetrics'];

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

const isWanted = (resource: JsonObject): boolean => TYPES.some((type) => isResource(resource, type));

/** Reads sensors, and the resources of a chassis or processor that repeat what its sensors say. */
class SensorReader {
  private readonly rows: JsonRows;
  private readonly clock: ResourceClock;
  /** By scope and field the path of the one value that is read for it. */
  private readonly chosen = new Map<string, string>();
  private readonly context: ReadContext;
  private readonly sink: RecordSink;

  constructor(context: ReadContext, sink: RecordSink) {
    this.context = context;
    this.sink = sink;
    this.rows = new JsonRows(sink);
    this.clock = new ResourceClock(context);
  }

  document(document: JsonObject, line: number): void {
    const found = resourcesIn(
      document,
      line,
      this.sink,
      TYPES.map((type) => `#${type}`).join(', '),
      isWanted,
    );
    for (const one of found)
      if (isResource(one.resource, SENSOR)) this.sensor(one, line);
      else this.metrics(one, line);
  }

  private sensor({ resource, time, host }: Found, line: number): void {
    const name = memberIn(resource, 'Sensors') || textIn(resource.Id);
    const whole = targetOf(textIn(resource['@odata.id']), host, this.context);
    const said = textIn(resource.PhysicalContext);
    const kind = gpuSensor(name) ? 'chip' : (KINDS.get(said) ?? (said === '' ? whole?.kind : undefined));
    const plan = planOf(resource, name);
    this.rows.begin(kind ?? 'node');
    if (kind === undefined || plan === null) {
      const message = `${name}: a sensor of ${said || 'something'} that is not read`;
      this.sink.note(leftOut(name) ?? { code: 'sensor-left-out', severity: 'info', message });
      return;
    }
    const gpu = gpuSensor(name);
    const id = gpu ? gpuId(gpu, host, this.context) : partId(name || SENSOR, host, this.context);
    const timeMs = this.timeOf(id, textIn(resource.ReadingTime), time);
    if (typeof timeMs !== 'number') this.rows.refuse(timeMs, time);
    this.rows.put(plan.field, resource.Reading, `${name}.Reading`, plan.scale);
    this.rows.end(id, Number(timeMs), line, kind === 'chip' ? 'chip' : null);
  }

  /** The sensor's own time; where it has none, or its clock was never set, what was written with it. */
  private timeOf(device: string, own: string, polled: string): number | Fault {
    const stated = own === '' ? null : this.clock.stated(own);
    return typeof stated === 'number' ? stated : this.clock.at(device, polled);
  }

  /** One row for what a resource says of one chip or host. */
  private metrics({ resource, time, host }: Found, line: number): void {
    const path = textIn(resource['@odata.id']);
    const read = propertiesOf(resource).flatMap(([at, value]) => {
      const target = value === undefined ? null : targetOf(at, host, this.context);
      return target && this.isChosen(`${target.id} ${target.plan.field}`, at) ? [{ at, value, target }] : [];
    });
    const [first] = read;
    if (!first) {
      const message = `${path || 'a resource without @odata.id'}: nothing in it is of one GPU or of a whole host`;
      this.sink.note({ code: 'resource-left-out', severity: 'info', message });
      return;
    }
    const { kind, id } = first.target;
    this.rows.begin(kind);
    const timeMs = this.clock.at(`${host} ${path}`, time);
    if (typeof timeMs !== 'number') this.rows.refuse(timeMs, time);
    for (const { at, value, target } of read)
      this.rows.put(target.plan.field, secondsIn(value), at, target.plan.scale);
    this.rows.end(id, Number(timeMs), line, kind === 'chip' ? 'chip' : null);
  }

  private isChosen(key: string, path: string): boolean {
    const before = this.chosen.get(key) ?? path;
    this.chosen.set(key, before);
    if (before === path) return true;
    const message = `${path} is left out beside ${before}, which is read`;
    this.sink.note({ code: 'duplicate-series', severity: 'info', message });
    return false;
  }
}

/** Redfish sensors, one by one or as collections, and EnvironmentMetrics and ProcessorMetrics. */
export const redfishSensor: Format = {
  id: 'redfish-sensor',
  title: 'Redfish Sensor, EnvironmentMetrics, ProcessorMetrics',
  sniff: (head) => TYPES.some((type) => sniffResource(head, type)) && !sniffResource(head, 'MetricReport'),
  async read(chunks, context, sink) {
    const reader = new SensorReader(context, sink);
    await forEachDocument(chunks, context, sink, (document, line) => reader.document(document, line));
  },
};
