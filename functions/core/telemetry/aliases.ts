import * as z from 'zod';
import { FIELDS } from './sample.ts';
import type { ReadingPlan } from './table-plan.ts';
import { type Scale, scaleOf } from './units.ts';

/** Names that a tool gives to fields: `data/aliases`. Of two names of one field in a file the first one is read. */
export const AliasesSchema = z.strictObject({
  source: z.array(z.string().min(1)).min(1),
  readings: z.record(
    z.string().min(1),
    z.strictObject({
      field: z.enum(FIELDS),
      unit: z.string().refine((unit) => scaleOf(unit) !== null, 'expected a unit of units.ts'),
    }),
  ),
  /** Names of bit masks of NVML's clock event reasons. */
  reasonMasks: z.array(z.string()).default([]),
  /** Names of gauges that keep the code of the last fault. */
  lastFaults: z.array(z.string()).default([]),
});
export type Aliases = z.infer<typeof AliasesSchema>;

/** How the column or series of an alias is read. */
export function readingOf(aliases: Aliases, name: string): ReadingPlan | null {
  const alias = Object.hasOwn(aliases.readings, name) ? aliases.readings[name] : undefined;
  return alias ? { field: alias.field, scale: scaleOf(alias.unit) as Scale } : null;
}

/** Of these names those that are read: one a field, the one that stands first in the aliases. */
export function chosenNames(aliases: Aliases, names: readonly string[]): ReadonlySet<string> {
  const chosen = new Map<string, string>();
  for (const [name, { field }] of Object.entries(aliases.readings))
    if (names.includes(name) && !chosen.has(field)) chosen.set(field, name);
  return new Set(chosen.values());
}
