import type { JsonObject } from '../json-rows.ts';
import { textIn } from '../json-rows.ts';
import { nodeOf } from '../scope-id.ts';
import type { ReadContext } from './format.ts';

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

/** Id of a host whose BMC names only itself: chassis are called the same on every host of a make. */
export function hostId(chassis: string, context: ReadContext): string {
  const { scopes } = context.rule;
  const node = nodeOf(null, context);
  const renamed = [node, chassis].find((name) => scopes && Object.hasOwn(scopes, name));
  if (scopes && renamed !== undefined) return scopes[renamed] as string;
  return node || chassis || 'chassis';
}
