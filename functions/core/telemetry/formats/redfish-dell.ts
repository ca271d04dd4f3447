import { type JsonObject, objectIn, textIn } from '../json-rows.ts';
import { hostId, partId } from '../scope-id.ts';
import { type Scale, SI } from '../units.ts';
import type { ReadContext } from './format.ts';
import type { Target } from './redfish-properties.ts';

/** What the supplies of a host take in. */
const INPUT = 'SystemInputPower';
/** Names of a host's power, the better first; the mean of a period where the reading itself is not in the report. */
const HOST = [INPUT, `${INPUT} (Average)`, 'SystemPowerConsumption', 'SystemPowerConsumption (Average)'];
const GPU = /^Video\.Slot\./;
const MILLI: Scale = { multiply: 1, divide: 1000 };
/** What custom reports say at the end of a label: `PowerMetrics TotalCPUPower- Minimum (5m0s)`. */
const STATISTIC = /-\s*(\w+)\s*(?:\([^)]*\))?$/;

const dellOf = (metric: JsonObject): JsonObject => objectIn(objectIn(metric.Oem).Dell);

/**
 * The name of a metric that iDRAC reports by its id alone, with `(Average)` behind it where it is the mean of a
 * period; '' for extremes and sums, which stand under the same id and are no readings.
 */
export function dellName(metric: JsonObject): string {
  const name = textIn(metric.MetricId);
  const statistic = STATISTIC.exec(textIn(dellOf(metric).Label))?.[1] ?? '';
  if (/^(?:Minimum|Maximum|Sum\w*)$/i.test(statistic)) return '';
  return /^Average$/i.test(statistic) ? `${name} (Average)` : name;
}

/** Of the names in one report that by which the host's power is read; undefined where there is none. */
export const hostNameIn = (names: readonly string[]): string | undefined =>
  HOST.find((name) => names.includes(name));

export const isInput = (name: string): boolean => name.startsWith(INPUT);

/** The host that a report is of. */
export const dellHost = (host: string, context: ReadContext): Target => ({
  kind: 'node',
  id: hostId('host', host, context),
  plan: { field: 'power_w', scale: SI },
});

/** A GPU's power, which iDRAC gives in milliwatts, and its temperature; null for other metrics. */
export function dellGpu(metric: JsonObject, name: string, host: string, context: ReadContext): Target | null {
  const fqdd = textIn(dellOf(metric).FQDD) || textIn(dellOf(metric).ContextID);
  if (!GPU.test(fqdd)) return null;
  const id = partId(fqdd, host, context);
  const base = name.replace(/ \(Average\)$/, '');
  if (base === 'PowerConsumption') return { kind: 'chip', id, plan: { field: 'power_w', scale: MILLI } };
  if (base === 'PrimaryTemperature') return { kind: 'chip', id, plan: { field: 'temperature_c', scale: SI } };
  return null;
}
