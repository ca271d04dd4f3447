import { type JsonObject, textIn } from '../json-rows.ts';

/** Whether a text holds a Redfish resource of this type, for instance `Power` for `#Power.v1_5_0.Power`. */
export function sniffResource(head: string, type: string): boolean {
  const mark = `"#${type}.`;
  const at = head.indexOf(mark);
  return at >= 0 && /"@odata\.type"\s*:\s*$/.test(head.slice(Math.max(0, at - 64), at));
}

export const isResource = (document: JsonObject, type: string): boolean =>
  textIn(document['@odata.type']).startsWith(`#${type}.`);

/** The part of a resource's path that follows a collection: `Bay1` of `.../PowerSupplies/Bay1/Metrics`. */
export function memberIn(document: JsonObject, collection: string): string {
  const parts = textIn(document['@odata.id']).split('/');
  const at = parts.indexOf(collection);
  return at < 0 ? '' : (parts[at + 1] ?? '');
}
