const NO_NUMBER = /^(?:[+-]?(?:inf|infinity|nan)|<<<null>>>)$/i;

/** A number as exporters write it; NaN for infinities, NaN and DCGM's blank string; null where it is none of them. */
export function exportedNumber(text: string): number | null {
  const value = Number(text);
  if (Number.isFinite(value) && text !== '') return value;
  return NO_NUMBER.test(text) ? Number.NaN : null;
}
