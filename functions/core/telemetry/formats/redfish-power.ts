import type { Boundary } from '../boundary.ts';
import {
  arrayIn,
  forEachDocument,
  type JsonObject,
  JsonRows,
  jsonNumber,
  objectIn,
  shown,
  textIn,
} from '../json-rows.ts';
import { hostId } from '../scope-id.ts';
import type { Format, ReadContext, RecordSink } from './format.ts';
import { type Found, isResource, memberIn, resourcesIn, sniffResource } from './redfish.ts';
import { ResourceClock } from './redfish-clock.ts';

type Source = 'PowerControl' | 'PowerSupplies';

interface Reading {
  readonly source: Source;
  readonly column: string;
  readonly value: unknown;
  readonly boundary: Boundary | null;
}

const isReading = (value: unknown): boolean => !Number.isNaN(jsonNumber(value));

/** Values of PhysicalContext that say that a controller is of a part of the host. */
const PARTS = [
  'Accelerator',
  'ASIC',
  'CPU',
  'Fan',
  'FPGA',
  'GPU',
  'Memory',
  'NetworkingDevice',
  'StorageDevice',
];
const contextIn = (controller: unknown): string => textIn(objectIn(controller).PhysicalContext);

/** What the host draws: its controller of the chassis, else its first; others are of parts (processors, memory). */
function consumed(document: JsonObject): Reading | null {
  const controllers = arrayIn(document.PowerControl);
  const at = Math.max(
    controllers.findIndex((controller) => contextIn(controller) === 'Chassis'),
    0,
  );
  if (PARTS.includes(contextIn(controllers[at]))) return null;
  const value = objectIn(controllers[at]).PowerConsumedWatts;
  const column = `PowerControl[${at}].PowerConsumedWatts`;
  return isReading(value) ? { source: 'PowerControl', column, value, boundary: null } : null;
}

/** A poller that keeps some properties only may leave the type out; no other resource has these controllers. */
const isPower = (document: JsonObject): boolean =>
  isResource(document, 'Power') ||
  (document['@odata.type'] === undefined && Array.isArray(document.PowerControl));

const isAc = (supply: JsonObject): boolean =>
  textIn(supply.PowerSupplyType) === 'AC' || textIn(supply.LineInputVoltageType).startsWith('AC');

/** The input of all power supplies together; nothing where one of them is not read. */
function supplied(document: JsonObject): Reading | null {
  const supplies = arrayIn(document.PowerSupplies)
    .map(objectIn)
    .filter((supply) => textIn(objectIn(supply.Status).State) !== 'Absent');
  const inputs = supplies.map((supply) => jsonNumber(supply.PowerInputWatts));
  if (inputs.length === 0 || inputs.some((input) => input === null || Number.isNaN(input))) return null;
  return {
    source: 'PowerSupplies',
    column: 'PowerSupplies[].PowerInputWatts',
    value: (inputs as number[]).reduce((sum, input) => sum + input, 0),
    boundary: supplies.every(isAc) ? 'node-ac' : null,
  };
}

/** Reads the power of one host, of the source that its first document has: the two are of one and the same power. */
class PowerReader {
  private source: Source | null = null;
  private readonly chassis = new Map<string, string>();
  private readonly clock: ResourceClock;
  private readonly rows: JsonRows;
  private readonly context: ReadContext;
  private readonly sink: RecordSink;

  constructor(context: ReadContext, sink: RecordSink) {
    this.context = context;
    this.sink = sink;
    this.rows = new JsonRows(sink);
    this.clock = new ResourceClock(context);
  }

  document(document: JsonObject, line: number): void {
    for (const found of resourcesIn(document, line, this.sink, '#Power', isPower)) this.resource(found, line);
  }

  private resource({ resource, time, host }: Found, line: number): void {
    const chassis = memberIn(resource, 'Chassis') || 'chassis';
    const id = hostId(chassis, host, this.context);
    if (!this.isHost(id, chassis)) return;
    this.rows.begin('node');
    const timeMs = this.clock.at(id, time);
    if (typeof timeMs !== 'number') this.rows.refuse(timeMs, time);
    const reading = this.choose(resource);
    if (reading) this.rows.put('power_w', reading.value, reading.column);
    this.rows.end(id, Number(timeMs), line, reading?.boundary ?? null);
  }

  /** Of the several chassis that one host may have the first is read: whether the others are parts of it is not said. */
  private isHost(id: string, chassis: string): boolean {
    const first = this.chassis.get(id) ?? chassis;
    this.chassis.set(id, first);
    if (first === chassis) return true;
    const message = `the chassis ${chassis} of ${id} is left out beside ${first}, which is read`;
    this.sink.note({ code: 'chassis-left-out', severity: 'warning', message });
    return false;
  }

  private choose(document: JsonObject): Reading | null {
    const byControl = consumed(document);
    const bySupplies = supplied(document);
    if (this.source === null && (byControl || bySupplies)) {
      this.source = byControl ? 'PowerControl' : 'PowerSupplies';
      if (byControl && bySupplies)
        this.sink.note({
          code: 'power-supplies-left-out',
          severity: 'info',
          message: `${byControl.column} (${shown(byControl.value)} W) is read; the power supplies' own input (${shown(bySupplies.value)} W) is of the same power`,
        });
    }
    return this.source === 'PowerControl' ? byControl : this.source === null ? null : bySupplies;
  }
}

/**
 * Power of a host by its BMC, as the Redfish resource that DMTF has deprecated and most hosts still give. Of a host's
 * two figures PowerControl is read: there are BMCs whose PowerInputWatts is the supply's maximum. It does not say on
 * which side of the power supplies it is.
 */
export const redfishPower: Format = {
  id: 'redfish-power',
  title: 'Redfish Power',
  sniff: (head) =>
    sniffResource(head, 'Power') || (!head.includes('"@odata.type"') && /"PowerControl"\s*:\s*\[/.test(head)),
  async read(chunks, context, sink) {
    const reader = new PowerReader(context, sink);
    await forEachDocument(chunks, context, sink, (document, line) => reader.document(document, line));
  },
};
