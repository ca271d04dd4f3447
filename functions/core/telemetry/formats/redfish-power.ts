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
import { PollClock } from '../poll-clock.ts';
import { hostId } from '../scope-id.ts';
import type { Format, ReadContext, RecordSink } from './format.ts';
import { isResource, memberIn, sniffResource } from './redfish.ts';

type Source = 'PowerControl' | 'PowerSupplies';

interface Reading {
  readonly source: Source;
  readonly column: string;
  readonly value: unknown;
  readonly boundary: Boundary | null;
}

const isReading = (value: unknown): boolean => !Number.isNaN(jsonNumber(value));

/** What the host draws by its first controller: further ones are of its parts (processors, memory). */
function consumed(document: JsonObject): Reading | null {
  const [first] = arrayIn(document.PowerControl);
  const value = objectIn(first).PowerConsumedWatts;
  const column = 'PowerControl[0].PowerConsumedWatts';
  return isReading(value) ? { source: 'PowerControl', column, value, boundary: null } : null;
}

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
  private clock: PollClock | null = null;
  private readonly rows: JsonRows;
  private readonly context: ReadContext;
  private readonly sink: RecordSink;

  constructor(context: ReadContext, sink: RecordSink) {
    this.context = context;
    this.sink = sink;
    this.rows = new JsonRows(sink);
  }

  document(document: JsonObject, line: number): void {
    this.rows.begin('node');
    if (!isResource(document, 'Power')) {
      this.rows.refuse(
        { column: '@odata.type', reason: 'resource', expected: '#Power' },
        textIn(document['@odata.type']),
      );
    }
    this.clock ??= new PollClock(this.context);
    const id = hostId(memberIn(document, 'Chassis') || 'chassis', '', this.context);
    const timeMs = this.clock.at(id);
    const reading = this.choose(document);
    if (reading) this.rows.put('power_w', reading.value, reading.column);
    this.rows.end(id, timeMs, line, reading?.boundary ?? null);
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
  sniff: (head) => sniffResource(head, 'Power'),
  async read(chunks, context, sink) {
    const reader = new PowerReader(context, sink);
    await forEachDocument(chunks, context, sink, (document, line) => reader.document(document, line));
  },
};
