import { type Aliases, readingOf } from './aliases.ts';
import type { MappedReading, Mapping } from './mapping.ts';
import type { ReadingPlan } from './table-plan.ts';
import { type Scale, SI, scaleOf } from './units.ts';

/** From the numbers of a mapped reading to SI. */
export const scaleOfReading = ({ unit, scale }: MappedReading): Scale =>
  scale === undefined ? ((unit === undefined ? null : scaleOf(unit)) ?? SI) : { multiply: scale, divide: 1 };

/** What metrics by these names are: as the rule's mapping says in its long form, else as the aliases know them. */
export function metricPlans(
  aliases: Aliases,
  mapping: Mapping | undefined,
): ReadonlyMap<string, ReadingPlan> {
  const plans = new Map<string, ReadingPlan>();
  for (const name of Object.keys(aliases.readings)) plans.set(name, readingOf(aliases, name) as ReadingPlan);
  for (const [name, reading] of Object.entries(mapping?.long?.readings ?? {})) {
    const { field, sentinels } = reading;
    plans.set(name, { field, scale: scaleOfReading(reading), ...(sentinels ? { sentinels } : {}) });
  }
  return plans;
}
