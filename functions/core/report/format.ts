import type { Metric } from '../decision/policy.ts';

/** What is written where nothing was read: never a zero. */
export const NO_READING = 'no reading';

/** A number to so many significant digits, without an exponent. */
export function digits(value: number, significant: number): string {
  if (value === 0) return '0';
  const decimals = Math.max(0, significant - 1 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(decimals, 12));
}

const PREFIXES: readonly (readonly [number, string])[] = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
];

/** Energies of a token are below a joule; numbers without a unit have no such prefixes. */
const SMALL: readonly (readonly [number, string])[] = [
  [1, ''],
  [1e-3, 'm'],
  [1e-6, 'µ'],
  [1e-9, 'n'],
];

function withPrefix(value: number, unit: string, significant: number, small = false): string {
  const known = small ? [...PREFIXES, ...SMALL] : PREFIXES;
  const [factor, prefix] = known.find(([f]) => Math.abs(value) >= f) ?? [1, ''];
  return `${digits(value / factor, significant)} ${prefix}${unit}`;
}

/** A number with its SI prefix: `9.57 M`; with a unit `9.57 MJ`. Ends without zeros: `2 M`. */
export function prefixed(value: number, unit: string, significant: number): string {
  const [number = '', rest = ''] = withPrefix(value, unit, significant).split(' ');
  const short = number.includes('.') ? number.replace(/\.?0+$/, '') : number;
  return `${short} ${rest}`.trimEnd();
}

const orNone = (value: number | null, text: (value: number) => string): string =>
  value === null ? NO_READING : text(value);

export const joules = (value: number | null): string => orNone(value, (v) => withPrefix(v, 'J', 5, true));
export const watts = (value: number | null): string => orNone(value, (v) => withPrefix(v, 'W', 4, true));
export const minutes = (value: number | null): string => orNone(value, (v) => `${digits(v, 5)} min`);
export const seconds = (value: number | null): string => orNone(value, (v) => `${digits(v, 3)} s`);
export const percent = (value: number | null): string => orNone(value, (v) => `${(v * 100).toFixed(1)} %`);
export const ratioText = (value: number): string => digits(value, 4);

/** A declared number as it was declared: 0.95, not 0.9500. */
export const declaredText = (value: number): string => String(Number(value.toPrecision(6)));

/** A ratio in words: "49.6 % less", "3.0 % more". */
export function changeText(ratio: number): string {
  const share = Math.abs(ratio - 1) * 100;
  return `${share.toFixed(1)} % ${ratio < 1 ? 'less' : 'more'}`;
}

/** Bounds of a ratio in words; says so where there are none. */
export function intervalText(low: number | null, high: number | null, confidence: number): string {
  if (low === null || high === null) return 'no interval: too few runs';
  return `${Math.round(confidence * 100)} % interval ${ratioText(low)} to ${ratioText(high)}`;
}

export const METRIC_NAMES: Readonly<Record<Metric, string>> = {
  'energy-to-train': 'energy to train',
  'energy-per-sample': 'energy per sample',
  'energy-per-token': 'energy per token',
  'energy-per-useful-token': 'energy per useful token',
  'time-to-train': 'time to train',
  'time-per-useful-token': 'time per useful token',
  'cost-to-train': 'cost to train',
  'cost-per-useful-token': 'cost per useful token',
  'loss-at-equal-tokens': 'loss at equal tokens',
  'interruption-rate': 'interruptions per chip-hour, to the baseline',
  'throttled-share': 'share of time throttled',
  'interruptions-per-chip-hour': 'interruptions per chip-hour',
  'uncorrected-ecc-per-chip-hour': 'uncorrected ECC errors per chip-hour',
  'silent-errors-per-chip-hour': 'silent errors per chip-hour',
};

/** Log-scale spread in words: a standard deviation or half-width of 0.03 is "3.0 %". */
export const logShare = (value: number | null, significant = 2): string =>
  value === null ? 'none' : `${digits(Math.expm1(value) * 100, significant)} %`;

/** A rate or level, which may be far below one. */
export const levelText = (value: number): string =>
  value !== 0 && value < 0.001 ? value.toExponential(2) : digits(value, 4);

/** Text of at most so many characters. */
export const shortened = (text: string, limit: number): string =>
  text.length > limit ? `${text.slice(0, Math.max(limit - 1, 1))}…` : text;

/** "one", "one and two", "one, two and three". */
export const listText = (parts: readonly string[]): string =>
  parts.length < 2 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;

/** UTC, to the second. */
export const timeText = (ms: number): string =>
  `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
