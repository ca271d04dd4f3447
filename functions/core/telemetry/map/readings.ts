import { isNull, numberIn } from '../cell.ts';
import { dimensionOf, dimensionsOfUnit } from '../dimensions.ts';
import type { MappedReading, Mapping } from '../mapping.ts';
import { rangeOf } from '../plausible.ts';
import type { Field } from '../sample.ts';
import { applyScale, SI, scaleOf } from '../units.ts';
import { type ColumnView, isNumeric } from './columns.ts';
import { fieldOf, scopeWords } from './names.ts';

/** Numbers that tools write for "no reading". Sources: docs/formats.md. */
const SENTINELS = [-1, 65_535, 2_147_483_647, 4_294_967_295];
/** From here on lie the blanks of DCGM and the largest 64-bit integers. */
const BLANKS_FROM = 9.2e18;
const MOST_NULL_SPELLINGS = 5;
/** A ratio above this is a percentage. */
const HIGHEST_RATIO = 1.02;

type Kind = NonNullable<Mapping['kind']>;

/** A column that could be a reading, and what speaks for it. */
export interface Candidate {
  readonly view: ColumnView;
  readonly field: Field;
  /** What tells it from other columns of the same field: `n1`, `board`; blank where nothing does. */
  readonly part: string;
  readonly reading: MappedReading;
  /** What the name does not say and the values were asked for. */
  readonly unitBasis: 'name' | 'values' | 'none';
}

export function candidates(views: readonly ColumnView[], kind: Kind): Candidate[] {
  return views.flatMap((view) => {
    const field = fieldOf(view);
    return field !== null && isNumeric(view) ? [candidate(view, field, kind)] : [];
  });
}

/** What a column or metric of this name and with these values is, as a reading of the field. */
export function candidate(view: ColumnView, field: Field, kind: Kind): Candidate {
  const sentinels = sentinelsIn(view.numbers, field);
  const values = view.numbers.filter((value) => !sentinels.includes(value));
  const fits = view.unit !== null && dimensionsOfUnit(view.unit).includes(dimensionOf(field));
  const stated = fits ? (view.unit as string) : null;
  const guessed = stated === null && view.scale === null ? unitByValues(values, field, kind) : null;
  const unit = stated ?? guessed;
  const isSi = unit !== null && scaleOf(unit) === SI;
  return {
    view,
    field,
    part: scopeWords(view),
    reading: {
      field,
      ...(unit === null || isSi ? {} : { unit }),
      ...(view.scale === null ? {} : { scale: view.scale }),
      ...(sentinels.length === 0 ? {} : { sentinels }),
    },
    unitBasis: stated !== null || view.scale !== null ? 'name' : guessed === null ? 'none' : 'values',
  };
}

/** Units that the values of a field would be plausible in, most likely first. */
const LIKELY_UNITS: Partial<Record<Field, readonly string[]>> = {
  power_w: ['W', 'mW', 'uW'],
  clock_hz: ['Hz', 'MHz', 'kHz'],
  utilization_ratio: ['ratio', '%'],
  tensor_active_ratio: ['ratio', '%'],
  temperature_c: ['C'],
};
/**
 * Power of one chip, in W, that its values show to be in a unit. Beside it another unit is as likely: 9400 is a
 * module in mW or a server in W.
 */
const CHIP_POWER_W = [25, 2_500] as const;
/** A chip's clock is above this, so that a lower number is in MHz. */
const LOWEST_CLOCK_HZ = 1e7;

function unitByValues(values: readonly number[], field: Field, kind: Kind): string | null {
  const highest = Math.max(...values, 0);
  if (highest === 0) return null;
  if (field.endsWith('_ratio')) return highest > HIGHEST_RATIO ? '%' : 'ratio';
  if (field === 'power_w' && kind === 'chip') return chipPowerUnit(highest);
  const [low, high] = rangeOf(field, kind);
  const lowest = field === 'clock_hz' ? LOWEST_CLOCK_HZ : low;
  return (
    LIKELY_UNITS[field]?.find((unit) => {
      const value = applyScale(highest, scaleOf(unit) ?? SI);
      return value >= lowest && value <= high;
    }) ?? null
  );
}

function chipPowerUnit(highest: number): string | null {
  const [low, high] = CHIP_POWER_W;
  if (highest <= high) return 'W';
  const units = ['mW', 'uW'].filter((unit) => {
    const value = applyScale(highest, scaleOf(unit) ?? SI);
    return value >= low && value <= high;
  });
  return units[0] ?? null;
}

/** Whether a reading's unit makes so much of a difference, and is so little known, that somebody has to say it. */
export const isUnitOpen = ({ field, unitBasis, view }: Candidate): boolean =>
  unitBasis === 'none' && METERED.includes(field) && view.numbers.some((value) => value > 0);

function sentinelsIn(numbers: readonly number[], field: Field): number[] {
  const found = new Set(numbers.filter((value) => SENTINELS.includes(value) || value >= BLANKS_FROM));
  if (field === 'temperature_c' || field === 'energy_j') found.delete(-1);
  return [...found].filter((value) => value !== 65_535 || field !== 'energy_j').sort((a, b) => a - b);
}

/** Words that stand for nothing in columns of numbers. */
export function nullSpellings(views: readonly ColumnView[]): string[] {
  const words = views.flatMap((view) =>
    view.texts.filter((text) => numberIn(text) === null && !isNull(text)),
  );
  const spellings = [...new Set(words)].filter((text) => !/\d/.test(text));
  return spellings.length <= MOST_NULL_SPELLINGS ? spellings : [];
}

/** Words that mark which of several columns of one field is the whole: the others are its parts or other views. */
const WHOLE_FIRST = [
  /^board$/,
  /^total$/,
  /^card$/,
  /^module$/,
  /^package$/,
  /^socket$/,
  /^(?:chip|gpu)s?$/,
  /^$/,
  /^(?:avg|average)$/,
];

/** Candidates by what they are of: one scope a numbered part (wide), or all of one scope. */
export interface Choice {
  readonly readings: readonly (Candidate & { readonly scope: string | null })[];
  readonly left: readonly Candidate[];
}

const NUMBERED = /\d/;
/** Fields of which several numbered columns mean several things that are metered. */
const METERED: readonly Field[] = ['power_w', 'energy_j'];

/** Which candidates are read. `mayBeWide`: rows name no scope, so that numbered columns may be of one each. */
export function choose(all: readonly Candidate[], mayBeWide: boolean): Choice {
  const metered = all.filter(({ field, part }) => METERED.includes(field) && NUMBERED.test(part));
  // Parts of another kind (`WP1` beside `P1`) would be scopes of their own, and the energy of each count again.
  const first = METERED.find((field) => metered.filter((c) => c.field === field).length > 1);
  const parts = new Set(metered.filter(({ field }) => field === first).map(({ part }) => part));
  const isWide = mayBeWide && METERED.some((field) => metered.filter((c) => c.field === field).length > 1);
  const scopeOf = ({ part }: Candidate): string | null => (isWide && parts.has(part) ? part : null);
  const scoped = all.filter((c) => scopeOf(c) !== null);
  const groups = new Map<string, Candidate[]>();
  for (const c of all) {
    const scope = scopeOf(c);
    if (isWide && scope === null && (NUMBERED.test(c.part) || scoped.some(({ field }) => field === c.field)))
      continue;
    const key = `${c.field} ${scope ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), c]);
  }
  const readings = [...groups.values()].map((group) => {
    const best = [...group].sort((a, b) => rank(a) - rank(b))[0] as Candidate;
    return { ...best, scope: scopeOf(best) };
  });
  const taken = new Set(readings.map(({ view }) => view));
  return { readings, left: all.filter(({ view }) => !taken.has(view)) };
}

function rank({ part }: Candidate): number {
  const words = part.split('_');
  const at = WHOLE_FIRST.findIndex((pattern) => words.some((word) => pattern.test(word)));
  return at < 0 ? WHOLE_FIRST.length : at;
}
