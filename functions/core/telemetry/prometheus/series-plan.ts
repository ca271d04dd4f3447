import type { Boundary } from '../boundary.ts';
import type { ReadContext, ScopeKind } from '../formats/format.ts';
import type { Mapping } from '../mapping.ts';
import { scaleOfReading } from '../metric-plans.ts';
import { THROTTLE_GAUGES, throttledBy } from '../nvml-reasons.ts';
import { rangeOf } from '../plausible.ts';
import { FIELDS, FIRST_COUNTER, type Field } from '../sample.ts';
import { chipId } from '../scope-id.ts';
import { applyScale, type Scale, SI, scaleOf } from '../units.ts';
import { FAMILIES, type Family } from './families.ts';
import { mappedFamily } from './mapped-family.ts';

type Labels = ReadonlyMap<string, string>;

/** How the numbers of a series are read. */
export interface SeriesPlan {
  readonly scope: string;
  readonly scopeKind: ScopeKind;
  readonly boundary: Boundary | null;
  /** Name of the metric, as it stands. */
  readonly name: string;
  readonly kind: 'reading' | 'reason-mask' | 'last-fault';
  /** Indices of the fields that it fills: one, or all throttling gauges of a mask. */
  readonly fields: readonly number[];
  readonly scale: Scale;
  readonly sentinels: readonly number[];
  /** Of two series of one field the one of the lower rank is read. */
  readonly rank: number;
  /** Repeats what is the whole chip's, as the rows of its other instances do. */
  readonly isInstance: boolean;
}

/** A series that is known and says nothing of a whole chip. */
export type Unread = 'instance' | 'partition' | 'unnamed-chip';

interface Alias {
  readonly family: Family;
  readonly scopeKind: ScopeKind;
  readonly rank: number;
  readonly kind: SeriesPlan['kind'];
  readonly fields: readonly number[];
  readonly scale: Scale;
  readonly conditions: readonly (readonly [label: string, operator: string, text: string])[];
}

const MASK_FIELDS = THROTTLE_GAUGES.map((gauge) => FIELDS.indexOf(gauge));
const FAULTS = FIELDS.indexOf('faults_total');
/** Of one instance of a chip or of its partition, where a series is of one; all else is the board's. */
const OWN_OF_INSTANCE: readonly Field[] = ['utilization_ratio', 'tensor_active_ratio'];
/** The largest blank of DCGM that a counter can reach in earnest, in mJ or ns, has 32 bits. */
const SMALL_BLANK = 2 ** 32;

/** Aliases by name of the metric; names in data/aliases may be selectors, as PromQL writes them. */
const ALIASES: ReadonlyMap<string, readonly Alias[]> = indexed();

function indexed(): Map<string, readonly Alias[]> {
  const byName = new Map<string, readonly Alias[]>();
  for (const family of FAMILIES) {
    const { readings, reasonMasks, lastFaults } = family.aliases;
    let rank = 0;
    const add = (selector: string, alias: Pick<Alias, 'kind' | 'fields' | 'scale'>): void => {
      addAlias(byName, selector, { family, scopeKind: 'chip', rank, ...alias });
      rank += 1;
    };
    for (const [selector, { field, unit }] of Object.entries(readings))
      add(selector, { kind: 'reading', fields: [FIELDS.indexOf(field)], scale: scaleOf(unit) ?? SI });
    for (const name of reasonMasks) add(name, { kind: 'reason-mask', fields: MASK_FIELDS, scale: SI });
    for (const name of lastFaults) add(name, { kind: 'last-fault', fields: [FAULTS], scale: SI });
  }
  return byName;
}

function addAlias(
  byName: Map<string, readonly Alias[]>,
  selector: string,
  alias: Omit<Alias, 'conditions'>,
): void {
  const [name = ''] = selector.split('{');
  const conditions = [...selector.matchAll(/(\w+)(!?=)"([^"]*)"/g)].map(
    ([, label = '', operator = '', text = '']) => [label, operator, text] as const,
  );
  byName.set(name, [...(byName.get(name) ?? []), { ...alias, conditions }]);
}

const mapped = new WeakMap<Mapping, ReadonlyMap<string, readonly Alias[]>>();

/** What a rule's mapping says of metrics in its long form, by name of the metric. */
function mappedAliases(mapping: Mapping): ReadonlyMap<string, readonly Alias[]> {
  const known = mapped.get(mapping);
  if (known) return known;
  const byName = new Map<string, readonly Alias[]>();
  const scopeKind = mapping.kind ?? 'chip';
  for (const [rank, [selector, reading]] of Object.entries(mapping.long?.readings ?? {}).entries())
    addAlias(byName, selector, {
      family: mappedFamily(mapping, reading.sentinels ?? []),
      scopeKind,
      rank,
      kind: 'reading',
      fields: [FIELDS.indexOf(reading.field)],
      scale: scaleOfReading(reading),
    });
  mapped.set(mapping, byName);
  return byName;
}

/** Collectors between exporter and file put `_total` behind counters, and AMD's chart `amd_` before names. */
const aliasesOf = (name: string, mapping: Mapping | undefined): readonly Alias[] | undefined =>
  (mapping && mappedAliases(mapping).get(name)) ??
  ALIASES.get(name) ??
  ALIASES.get(name.replace(/^amd_/, '').replace(/_total$/, ''));

/** Whether any series of this name can be read: as the rule's mapping says, else as `data/aliases` know it. */
export const isKnownMetric = (name: string, mapping?: Mapping): boolean =>
  aliasesOf(name, mapping) !== undefined;

const fits = (alias: Alias, labels: Labels): boolean =>
  alias.conditions.every(
    ([label, operator, text]) => ((labels.get(label) ?? '') === text) === (operator === '='),
  );

/** How a series is read; why it is not; null where nothing is known of it. */
export function seriesPlan(name: string, labels: Labels, context: ReadContext): SeriesPlan | Unread | null {
  const alias = aliasesOf(name, context.rule.mapping)?.find((candidate) => fits(candidate, labels));
  if (!alias) return null;
  const { family, scopeKind, kind, fields, scale, rank } = alias;
  const part = family.part?.(labels) ?? null;
  if (part === 'partition') return part;
  const isOwn = fields.some((field) => OWN_OF_INSTANCE.includes(FIELDS[field] as Field));
  if (isOwn && (part === 'instance' || isPartitioned(labels))) return 'instance';
  const scope = chipId(family.chip(labels, context), context);
  if (scope === null) return 'unnamed-chip';
  const isCounter = (fields[0] as number) >= FIRST_COUNTER;
  const sentinels = isCounter ? family.sentinels.filter((blank) => blank > SMALL_BLANK) : family.sentinels;
  return {
    scope,
    scopeKind,
    boundary: family.boundary,
    name,
    kind,
    fields,
    scale,
    sentinels,
    rank,
    isInstance: part !== null,
  };
}

/** Whether a chip is cut into partitions, of which this series is one (AMD: any mode but the single one). */
function isPartitioned(labels: Labels): boolean {
  const mode = labels.get('gpu_compute_partition_type');
  return mode !== undefined && mode !== '' && mode.toLowerCase() !== 'spx';
}

/** A number of a series in SI; NaN where it is no reading; null where it lies outside what can be one. */
export function readingIn(plan: SeriesPlan, value: number): number | null {
  if (!Number.isFinite(value) || plan.sentinels.includes(value)) return Number.NaN;
  const si = applyScale(value, plan.scale);
  if (plan.kind === 'reason-mask') return si >= 0 && Number.isInteger(si) ? si : null;
  const [low, high] = rangeOf(FIELDS[plan.fields[0] as number] as Field, plan.scopeKind);
  return si >= low && si <= high ? si : null;
}

/** What was expected of a number that `readingIn` does not take, in SI. */
export function expectedReading(plan: SeriesPlan): string {
  if (plan.kind === 'reason-mask') return 'a mask of reasons, a whole number';
  return rangeOf(FIELDS[plan.fields[0] as number] as Field, plan.scopeKind).join(' to ');
}

/** The value of one of a series' fields from its reading in SI. */
export function fieldValue(plan: SeriesPlan, place: number, reading: number): number {
  const gauge = THROTTLE_GAUGES[place];
  return plan.kind === 'reason-mask' && gauge ? throttledBy(reading, gauge) : reading;
}
