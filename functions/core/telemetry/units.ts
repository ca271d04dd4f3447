/**
 * How a number becomes SI: times `multiply`, then divided by `divide`. Both are kept, since dividing by a thousand
 * rounds once where multiplying by 0.001 rounds twice.
 */
export interface Scale {
  readonly multiply: number;
  readonly divide: number;
}

export const SI: Scale = { multiply: 1, divide: 1 };

const times = (multiply: number): Scale => ({ multiply, divide: 1 });
const by = (divide: number): Scale => ({ multiply: 1, divide });

/** Units as files write them, by case: `mW` and `MW` differ by a factor of a billion. */
const UNITS: Readonly<Record<string, Scale>> = {
  '': SI,
  W: SI,
  Watt: SI,
  Watts: SI,
  watts: SI,
  mW: by(1e3),
  uW: by(1e6),
  µW: by(1e6),
  μW: by(1e6),
  kW: times(1e3),
  MW: times(1e6),
  J: SI,
  joules: SI,
  mJ: by(1e3),
  uJ: by(1e6),
  µJ: by(1e6),
  μJ: by(1e6),
  kJ: times(1e3),
  MJ: times(1e6),
  Wh: times(3600),
  kWh: times(3.6e6),
  C: SI,
  Cel: SI,
  '°C': SI,
  Hz: SI,
  kHz: times(1e3),
  MHz: times(1e6),
  GHz: times(1e9),
  '%': by(100),
  percent: by(100),
  '1': SI,
  ratio: SI,
  s: SI,
  ms: by(1e3),
  us: by(1e6),
  µs: by(1e6),
  ns: by(1e9),
};

/** Scale of a unit to SI; null for a unit that is not known. */
export const scaleOf = (unit: string): Scale | null =>
  Object.hasOwn(UNITS, unit) ? (UNITS[unit] as Scale) : null;

export const applyScale = (value: number, { multiply, divide }: Scale): number => (value * multiply) / divide;

export const UNIT_NAMES: readonly string[] = Object.keys(UNITS).filter((unit) => unit !== '');
