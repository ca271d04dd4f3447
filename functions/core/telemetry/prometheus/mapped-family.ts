import type { ReadContext } from '../formats/format.ts';
import { namedScope } from '../mapped-plan.ts';
import type { Mapping } from '../mapping.ts';
import type { ChipNames } from '../scope-id.ts';
import { type Family, nvidiaChip } from './families.ts';

type Labels = ReadonlyMap<string, string>;

/** The id that a mapping makes of labels: its own, or the texts of the labels that it names; nothing where one is missing. */
function namesBy({ scope = [], scopeId }: Mapping, labels: Labels, context: ReadContext): ChipNames {
  if (scopeId !== undefined) return { serial: namedScope(scopeId, context) };
  if (scope.length === 0) return nvidiaChip(labels);
  const parts = scope.map((label) => labels.get(label) ?? '');
  return parts.includes('') ? {} : { serial: parts.join('/') };
}

/** Metrics of an exporter of one's own: named by the rule's mapping, of a boundary that the rule states. */
export const mappedFamily = (mapping: Mapping, sentinels: readonly number[]): Family => ({
  aliases: { source: ['run.json'], readings: {}, reasonMasks: [], lastFaults: [] },
  boundary: null,
  chip: (labels, context) => namesBy(mapping, labels, context),
  sentinels,
});
