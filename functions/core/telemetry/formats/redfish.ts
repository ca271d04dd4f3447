import { arrayIn, type JsonObject, textIn } from '../json-rows.ts';
import type { RecordSink } from './format.ts';

/** Whether a text holds a Redfish resource of this type, for instance `Power` for `#Power.v1_5_0.Power`. */
export function sniffResource(head: string, type: string): boolean {
  const mark = `"#${type}.`;
  for (let at = head.indexOf(mark); at >= 0; at = head.indexOf(mark, at + mark.length))
    if (/"@odata\.type"\s*:\s*$/.test(head.slice(Math.max(0, at - 64), at))) return true;
  return false;
}

/** Whether an object is a resource of this type; parts of one (`#Power.v1_0_0.PowerControl`) are none. */
export function isResource(document: JsonObject, type: string): boolean {
  const stated = textIn(document['@odata.type']);
  return stated.startsWith(`#${type}.`) && stated.endsWith(`.${type}`);
}

/** The part of a resource's path that follows a collection: `Bay1` of `.../PowerSupplies/Bay1/Metrics`. */
export function memberIn(document: JsonObject, collection: string): string {
  const parts = textIn(document['@odata.id']).split('/');
  const at = parts.indexOf(collection);
  return at < 0 ? '' : (parts[at + 1] ?? '');
}

/** What whoever polled a resource wrote around it or into it; '' for what is not there. */
interface Polled {
  readonly time: string;
  readonly host: string;
}
export interface Found extends Polled {
  readonly resource: JsonObject;
}

/** How deep a resource may lie: in a line of a poller, in an answer by its path, in a collection, in its list. */
const DEPTH = 5;
/** What pollers call the time of a poll. No resource that is read here has a property of such a name with another meaning. */
const TIME_KEY = /^[@_]?(?:time_?stamp|time|ts|date_?time|(?:collected|polled|sampled)_?at)(?:_?utc)?$/i;

/** What pollers call the host or the BMC that answered. */
const HOST_KEY = /^[@_]?(?:(?:host|node|server|bmc)(?:_?(?:name|ip|address))?|ip(?:_?address)?)$/i;

const scalarIn = (value: unknown): string => (typeof value === 'number' ? String(value) : textIn(value));

/** What the keys of an object say of the poll, and what those around it said. */
function polledIn(object: JsonObject, outer: Polled): Polled {
  let { time, host } = outer;
  for (const [key, value] of Object.entries(object)) {
    if (TIME_KEY.test(key)) time = scalarIn(value) || time;
    else if (HOST_KEY.test(key)) host = textIn(value) || host;
  }
  return { time, host };
}

function collect(
  value: unknown,
  isWanted: (document: JsonObject) => boolean,
  outer: Polled,
  depth: number,
  found: Found[],
): void {
  if (value === null || typeof value !== 'object' || depth > DEPTH) return;
  if (Array.isArray(value)) {
    for (const member of arrayIn(value)) collect(member, isWanted, outer, depth + 1, found);
    return;
  }
  const object = value as JsonObject;
  const polled = polledIn(object, outer);
  if (isWanted(object)) found.push({ resource: object, ...polled });
  else for (const member of Object.values(object)) collect(member, isWanted, polled, depth + 1, found);
}

/**
 * The wanted resources of a document: itself, or those inside it, as in a collection whose members are expanded or
 * in a poller's line that wraps an answer and its time. What holds none is a note where it is another resource, and
 * a rejected row where it is none.
 */
export function resourcesIn(
  document: JsonObject,
  line: number,
  sink: RecordSink,
  expected: string,
  isWanted: (document: JsonObject) => boolean,
): readonly Found[] {
  const found: Found[] = [];
  collect(document, isWanted, { time: '', host: '' }, 0, found);
  if (found.length > 0) return found;
  const type = textIn(document['@odata.type']);
  if (type.startsWith('#'))
    sink.note({
      code: 'resource-left-out',
      severity: 'warning',
      message: `line ${line}: ${type} is left out; the file is read for ${expected}`,
    });
  else {
    sink.row();
    sink.reject({ line, column: '@odata.type', reason: 'resource', expected, raw: type });
  }
  return found;
}
