import { type Dimension, dimensionOf, dimensionsOfUnit } from '../dimensions.ts';
import type { Field } from '../sample.ts';

/** What a name says of a column, apart from its values. */
export interface NameReading {
  /** Words in lower case, those of the unit left out. */
  readonly words: readonly string[];
  /** A unit of `units.ts` that the name ends with or has in brackets; null where it has none. */
  readonly unit: string | null;
  /** Instead of a unit: numbers times this are SI (thousandths of a degree). */
  readonly scale: number | null;
}

/** Units as words. Case tells `mW` from `MW` where a name has it; in lower case nobody logs megawatts of a chip. */
const UNIT_WORDS: Readonly<Record<string, string>> = {
  w: 'W',
  watt: 'W',
  watts: 'W',
  mw: 'mW',
  milliwatt: 'mW',
  milliwatts: 'mW',
  uw: 'uW',
  microwatt: 'uW',
  microwatts: 'uW',
  kw: 'kW',
  kilowatts: 'kW',
  j: 'J',
  joule: 'J',
  joules: 'J',
  mj: 'mJ',
  millijoules: 'mJ',
  uj: 'uJ',
  microjoules: 'uJ',
  kj: 'kJ',
  wh: 'Wh',
  kwh: 'kWh',
  c: 'C',
  celsius: 'C',
  degc: 'C',
  hz: 'Hz',
  hertz: 'Hz',
  khz: 'kHz',
  mhz: 'MHz',
  ghz: 'GHz',
  pct: '%',
  percent: '%',
  ratio: 'ratio',
  s: 's',
  sec: 's',
  seconds: 's',
  ms: 'ms',
  us: 'us',
  ns: 'ns',
};
/** Words that stand behind a unit: `energy_joules_total`, `InputPowerWatts.Reading`, `power_w.0`. */
const BEHIND_UNIT = /^(?:total|reading|value|mean|avg|average|\d+)$/i;
const BRACKETS = /[([{]\s*([^()[\]{}]+?)\s*[)\]}]\s*$/;
/** Linux hwmon: power and energy in millionths, temperature in thousandths. Source: kernel, hwmon/sysfs-interface. */
const HWMON = /(?:^|[./_])(power|energy|temp|freq)\d+_(?:input|average)$/;
const HWMON_UNITS: Readonly<Record<string, Pick<NameReading, 'unit' | 'scale'>>> = {
  power: { unit: 'uW', scale: null },
  energy: { unit: 'uJ', scale: null },
  temp: { unit: null, scale: 0.001 },
  freq: { unit: 'Hz', scale: null },
};

const wordsIn = (text: string): string[] =>
  text
    .replace(/([a-z0-9])(k(?:Wh?|Hz))(?![a-z])/g, '$1 $2')
    .replace(/([a-z0-9]{2})([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z0-9%]+/)
    .filter((word) => word !== '');

/** Reads a column's name: `board_power_mw`, `Power (W)`, `gpu.temperatureCelsius`, `power1_input`. */
export function readName(name: string): NameReading {
  const hwmon = HWMON.exec(name);
  if (hwmon) {
    const [, what = ''] = hwmon;
    return { words: [what], ...(HWMON_UNITS[what] as Pick<NameReading, 'unit' | 'scale'>) };
  }
  const bracketed = BRACKETS.exec(name);
  const inBrackets = bracketed ? unitOf(bracketed[1] as string) : null;
  const words = wordsIn(bracketed && inBrackets ? name.slice(0, bracketed.index) : name);
  const at = words.findLastIndex((word) => !BEHIND_UNIT.test(word));
  const suffix = inBrackets === null ? unitOf(words[at] ?? '') : null;
  const rest = suffix === null ? words : words.filter((_, i) => i !== at);
  return { words: rest.map((word) => word.toLowerCase()), unit: inBrackets ?? suffix, scale: null };
}

/** A unit that stands alone, in brackets or not: `(kWh)`, `mW`; null for any other text. */
export const unitNamed = (text: string): string | null =>
  unitOf(/^[([{]\s*(.*?)\s*[)\]}]$/.exec(text)?.[1] ?? text);

const SHORTEST_WORD = 4;

/** A unit that is known by its symbol or as a word; null for anything else. */
function unitOf(text: string): string | null {
  const symbol = text.replace('°', '');
  const bySymbol = symbol !== '' && symbol !== '1' && dimensionsOfUnit(symbol).length > 0 ? symbol : null;
  const byWord = UNIT_WORDS[text.toLowerCase()] ?? null;
  // The case of a word says nothing, that of a symbol may.
  return text === text.toLowerCase() || text.length >= SHORTEST_WORD
    ? (byWord ?? bySymbol)
    : (bySymbol ?? byWord);
}

const has = (words: readonly string[], pattern: RegExp): boolean => words.some((word) => pattern.test(word));

/** Names of what is set or sized, not read. */
const SETTING =
  /^(?:limit|limits|cap|max|maximum|min|minimum|tdp|threshold|target|budget|default|enforced|requested|allocated|allocation|rated|nominal|available|slowdown|shutdown|critical|crit|setpoint|capacity|status|state|mode)$/;
const OTHER_PART =
  /^(?:mem|memory|hbm|dram|vram|cpu|fan|disk|ram|swap|host|inlet|ambient|nic|nvlink|pcie|bandwidth)$/;

/** Quantities that share words or units with those that are read: reactive power, a factor, a charge in C. */
const OTHER_QUANTITY = /^(?:reactive|apparent|[km]?var?|factor|pf|dbm|charge|coulombs?)$/;
/** What follows `power` or `energy` where neither is meant: `power_on_hours`, `power supply voltage`. */
const OTHER_MEANING =
  /^(?:volts?|voltage|amps?|amperes?|hours|cycles?|on|off|good|source|supply|profile|price|cost|efficiency|intensity)$/;
const OTHER_SCALE = /^(?:f|degf|fahrenheit|k|kelvin)$/;

type Rule = readonly [field: Field, all: readonly RegExp[], isOtherPartFine: boolean];

/** What words make a field, the more particular ones first. */
const FIELD_RULES: readonly Rule[] = [
  ['throttled_thermal_ratio', [/^throttl/, /^(?:thermal|thermals|temp|temperature)$/], true],
  ['throttled_power_ratio', [/^throttl/, /^(?:power|pwr)$/], true],
  ['throttled_other_ratio', [/^throttl/], true],
  ['ecc_uncorrected_total', [/^(?:ecc|dbe|ue|uncorr\w*)$/, /^(?:dbe|ue|double|uncorr\w*)$/], true],
  ['ecc_corrected_total', [/^(?:ecc|sbe|ce|corr\w*)$/], true],
  ['faults_total', [/^(?:faults?|errors?|xids?|failures?)$/], true],
  ['tensor_active_ratio', [/^(?:tensor|matmul|mxu|mfma|systolic)$/], true],
  ['energy_j', [/^(?:energy|joules?)$/], false],
  ['power_w', [/^(?:power|pwr|watts?|draw)$/], false],
  ['temperature_c', [/^(?:temp|temps|temperature|celsius)$/], false],
  ['clock_hz', [/^(?:clock|clocks|clk|freq|frequency)$/], false],
  ['utilization_ratio', [/^(?:util|utilization|utilisation|busy|activity|duty|load|occupancy)$/], false],
];
const FIELD_OF_DIMENSION: Partial<Record<Dimension, Field>> = {
  power: 'power_w',
  energy: 'energy_j',
  temperature: 'temperature_c',
  frequency: 'clock_hz',
};

const isOtherwise = (words: readonly string[], field: Field): boolean =>
  field === 'temperature_c'
    ? has(words, OTHER_SCALE)
    : (field === 'power_w' || field === 'energy_j') && has(words, OTHER_MEANING);

/** The field that a name stands for; null where it says none. The unit outweighs the words: kWh are energy. */
export function fieldOf({ words, unit }: NameReading): Field | null {
  if (has(words, SETTING) || has(words, OTHER_QUANTITY)) return null;
  const isOtherPart = has(words, OTHER_PART);
  const dimensions = unit === null ? [] : dimensionsOfUnit(unit);
  const byUnit = dimensions.map((dimension) => FIELD_OF_DIMENSION[dimension]).find((field) => field);
  if (byUnit) return isOtherPart ? null : byUnit;
  for (const [gauge, all, isOtherPartFine] of FIELD_RULES) {
    if ((isOtherPart && !isOtherPartFine) || !all.every((pattern) => has(words, pattern))) continue;
    // Throttling is a share of time, or the time itself.
    const field = (
      dimensions.includes('time') ? gauge.replace(/^(throttled_.*)_ratio$/, '$1_s') : gauge
    ) as Field;
    if (unit === null && isOtherwise(words, gauge)) continue;
    const isOtherCount = has(words, /^counts?$/) && !field.endsWith('_total');
    const fits = unit === null || dimensions.includes(dimensionOf(field));
    if (fits && !isOtherCount) return field;
  }
  return null;
}

/** Words of a name that neither its field nor its unit account for: what tells one scope from another. */
export function scopeWords({ words }: NameReading): string {
  const known = FIELD_RULES.flatMap(([, all]) => all);
  return words
    .filter(
      (word) =>
        !known.some((pattern) => pattern.test(word)) && !/^(?:input|usage|value|in|reading)$/.test(word),
    )
    .join('_');
}
