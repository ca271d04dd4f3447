import { forEachDocument, JsonRows, objectIn, textIn } from '../json-rows.ts';
import { PollClock } from '../poll-clock.ts';
import { partId } from '../scope-id.ts';
import type { Format } from './format.ts';
import { isResource, memberIn, sniffResource } from './redfish.ts';

const TYPE = 'PowerSupplyMetrics';

/**
 * Input power of one power supply. Supplies of a host are scopes that add up to it. EnergykWh is left: it counts in
 * whole kWh, and the resource does not say on which side.
 */
export const redfishPowerSupplyMetrics: Format = {
  id: 'redfish-power-supply-metrics',
  title: 'Redfish PowerSupplyMetrics',
  sniff: (head) => sniffResource(head, TYPE),
  async read(chunks, context, sink) {
    const rows = new JsonRows(sink);
    let clock: PollClock | null = null;
    await forEachDocument(chunks, context, sink, (document, line) => {
      rows.begin('node');
      const type = textIn(document['@odata.type']);
      if (!isResource(document, TYPE))
        rows.refuse({ column: '@odata.type', reason: 'resource', expected: `#${TYPE}` }, type);
      clock ??= new PollClock(context);
      const supply = memberIn(document, 'PowerSupplies') || textIn(document.Name) || 'power-supply';
      const id = partId(supply, '', context);
      rows.put('power_w', objectIn(document.InputPowerWatts).Reading, 'InputPowerWatts.Reading');
      rows.end(id, clock.at(id), line, 'node-ac');
    });
  },
};
