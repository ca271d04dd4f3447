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

function withPrefix(value: number, unit: string, significant: number): string {
  const [factor, prefix] = PREFIXES.find(([f]) => Math.abs(value) >= f) ?? [1, ''];
  return `${digits(value / factor, significant)} ${prefix}${unit}`;
}

const orNone = (value: number | null, text: (value: number) => string): string =>
  value === null ? NO_READING : text(value);

export const joules = (value: number | null): string => orNone(value, (v) => withPrefix(v, 'J', 5));
export const watts = (value: number | null): string => orNone(value, (v) => withPrefix(v, 'W', 4));
export const minutes = (value: number | null): string => orNone(value, (v) => `${digits(v, 5)} min`);
export const seconds = (value: number | null): string => orNone(value, (v) => `${digits(v, 3)} s`);
export const percent = (value: number | null): string => orNone(value, (v) => `${(v * 100).toFixed(1)} %`);
export const ratioText = (value: number): string => digits(value, 4);

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

export const METRIC_NAMES: Record<string, string> = {
  'energy-to-train': 'energy to train',
  'energy-per-sample': 'energy per sample',
  'energy-per-token': 'energy per token',
  'time-to-train': 'time to train',
  'cost-to-train': 'cost to train',
};

/** UTC, to the second. */
export const timeText = (ms: number): string =>
  `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
