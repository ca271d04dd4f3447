import { forEachDocument, JsonRows, objectIn, textIn } from '../json-rows.ts';
import { partId } from '../scope-id.ts';
import type { Format } from './format.ts';
import { isResource, memberIn, resourcesIn, sniffResource } from './redfish.ts';
import { ResourceClock } from './redfish-clock.ts';

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
    const clock = new ResourceClock(context);
    await forEachDocument(chunks, context, sink, (document, line) => {
      for (const { resource, time, host } of resourcesIn(document, line, sink, `#${TYPE}`, (r) =>
        isResource(r, TYPE),
      )) {
        rows.begin('node');
        const supply = memberIn(resource, 'PowerSupplies') || textIn(resource.Name) || 'power-supply';
        const id = partId(supply, host, context);
        const timeMs = clock.at(id, time);
        if (typeof timeMs !== 'number') rows.refuse(timeMs, time);
        rows.put('power_w', objectIn(resource.InputPowerWatts).Reading, 'InputPowerWatts.Reading');
        rows.end(id, Number(timeMs), line, 'node-ac');
      }
    });
  },
};
