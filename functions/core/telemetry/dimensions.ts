import type { Field } from './sample.ts';
import { type Scale, scaleOf, UNIT_NAMES } from './units.ts';

/** What a unit measures. A reading in a unit of something else is a mistake, however well it scales. */
export type Dimension = 'power' | 'energy' | 'temperature' | 'frequency' | 'ratio' | 'time' | 'count';

const DIMENSION_BY_SUFFIX: readonly (readonly [suffix: string, dimension: Dimension])[] = [
  ['_w', 'power'],
  ['_j', 'energy'],
  ['_c', 'temperature'],
  ['_hz', 'frequency'],
  ['_ratio', 'ratio'],
  ['_s', 'time'],
  ['_total', 'count'],
];

/** Unit names by what they measure. The order matters: `Wh` is energy before it could be power. */
const UNIT_PATTERNS: readonly (readonly [pattern: RegExp, dimensions: readonly Dimension[]])[] = [
  [/^(?:[mukM]?J|[µμ]J|joules|k?Wh)$/, ['energy']],
  [/^(?:[mukM]?W|[µμ]W|[Ww]atts?)$/, ['power']],
  [/^(?:°?C|Cel)$/, ['temperature']],
  [/^[kMG]?Hz$/, ['frequency']],
  [/^(?:%|percent|ratio)$/, ['ratio']],
  [/^(?:[mun]?s|µs)$/, ['time']],
  [/^1?$/, ['ratio', 'count']],
];

/** What a field measures, which its name ends with. */
export function dimensionOf(field: Field): Dimension {
  const found = DIMENSION_BY_SUFFIX.find(([suffix]) => field.endsWith(suffix));
  return (found as (typeof DIMENSION_BY_SUFFIX)[number])[1];
}

const SI_UNITS: Readonly<Record<Dimension, string>> = {
  power: 'W',
  energy: 'J',
  temperature: 'C',
  frequency: 'Hz',
  ratio: 'ratio',
  time: 's',
  count: '1',
};

/** The unit of a field's values here. */
export const siUnitOf = (field: Field): string => SI_UNITS[dimensionOf(field)];

/** What a unit can measure; nothing for a unit that is not known. */
export const dimensionsOfUnit = (unit: string): readonly Dimension[] =>
  UNIT_PATTERNS.find(([pattern]) => pattern.test(unit))?.[1] ?? [];

/** Units that a number of this dimension may have behind it in a cell, with their scales. */
export function unitsOf(dimension: Dimension): ReadonlyMap<string, Scale> {
  const fitting = UNIT_NAMES.filter((unit) => unit !== '1' && dimensionsOfUnit(unit).includes(dimension));
  return new Map(fitting.map((unit) => [unit, scaleOf(unit) as Scale]));
}
