export const PLAIN_NUMBER = /^\d+(?:\.\d*)?(?:[eE][+-]?\d+)?$/;
export const INTEGER = /^\d+$/;

/** Digits of a fraction of a second in ms: three whole ones first, so that .035 is 35 and not a bit beside it. */
export function fractionMs(fraction: string): number {
  const digits = fraction.padEnd(3, '0');
  const rest = digits.slice(3);
  return Number(digits.slice(0, 3)) + (rest === '' ? 0 : Number(`0.${rest}`));
}

/** Ms of a plain number of seconds. */
export function secondsMs(text: string): number {
  const [whole = '', fraction = ''] = text.split('.');
  if (!INTEGER.test(whole) || (fraction !== '' && !INTEGER.test(fraction))) return Number(text) * 1000;
  return Number(whole) * 1000 + (fraction === '' ? 0 : fractionMs(fraction));
}
