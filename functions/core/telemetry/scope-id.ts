import type { ReadContext } from './formats/format.ts';

/** What a file calls an accelerator; what it does not say is left out. */
export interface ChipNames {
  /** UUID of an NVIDIA GPU, however it is spelled. Those of other makers are serial numbers here. */
  readonly uuid?: string | undefined;
  readonly serial?: string | undefined;
  /** PCI bus id: one of a host, not of the fleet. */
  readonly busId?: string | undefined;
  readonly index?: string | number | undefined;
  /** Host, as the file itself names it. */
  readonly node?: string | undefined;
}

const NVIDIA_UUID = /^(?:GPU-)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

/** The UUID of an NVIDIA GPU as `GPU-` and lower case, however an exporter spells it; any other id unchanged. */
export function nvidiaUuid(text: string): string {
  const uuid = NVIDIA_UUID.exec(text.trim());
  return uuid ? `GPU-${(uuid[1] as string).toLowerCase()}` : text.trim();
}

/** Host of a file: as it says, as run.json says, or the folder that it lies in; null where there is none. */
export function hostOf(names: ChipNames, { path, rule }: ReadContext): string | null {
  const folder = path.slice(0, Math.max(path.lastIndexOf('/'), 0));
  return names.node || rule.node || folder || null;
}

/**
 * Scope id of an accelerator: what run.json calls it (`scopes`), else its UUID or serial number, which are the
 * same in every file; else its bus id or index on its host. Null where the file names it by none of them.
 */
export function chipId(names: ChipNames, context: ReadContext): string | null {
  const { scopes } = context.rule;
  const index = names.index === undefined ? '' : String(names.index);
  const uuid = names.uuid ? nvidiaUuid(names.uuid) : '';
  for (const name of [names.uuid, uuid, names.serial, names.busId, index])
    if (name && scopes && Object.hasOwn(scopes, name)) return scopes[name] as string;
  const own = uuid || names.serial;
  if (own) return own;
  const local = names.busId || (index === '' ? '' : `gpu${index}`);
  const host = hostOf(names, context);
  if (local === '') return null;
  return host === null ? local : `${host}/${local}`;
}

/** Scope id of a host as a whole; `name` is what to call it where nothing says which host it is. */
export function hostId(name: string, node: string, context: ReadContext): string {
  const { scopes } = context.rule;
  const host = hostOf({ node }, context) ?? name;
  for (const known of [host, name])
    if (scopes && Object.hasOwn(scopes, known)) return scopes[known] as string;
  return host;
}

/** Scope id of a part that only its host tells apart, by the part's own name. */
export const partId = (part: string, node: string, context: ReadContext): string =>
  chipId({ busId: part, node }, context) ?? part;
