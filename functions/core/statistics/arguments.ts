import { InputError } from '../errors.ts';

function refuse(name: string, value: number, expected: string): never {
  throw new InputError('statistics-argument', `${name} ${value}: expected ${expected}`);
}

/** `value`, which is a probability strictly between 0 and 1. Throws InputError `statistics-argument`. */
export function openProbability(name: string, value: number): number {
  return value > 0 && value < 1 ? value : refuse(name, value, 'a number between 0 and 1, both excluded');
}

/** `value`, which is finite and above 0. Throws InputError `statistics-argument`. */
export function positive(name: string, value: number): number {
  return value > 0 && Number.isFinite(value) ? value : refuse(name, value, 'a finite number above 0');
}

/** `value`, which is a whole number of at least `minimum`. Throws InputError `statistics-argument`. */
export function wholeNumber(name: string, value: number, minimum = 0): number {
  return Number.isSafeInteger(value) && value >= minimum
    ? value
    : refuse(name, value, `a whole number of at least ${minimum}`);
}

/** `value`, which is neither NaN nor infinite. Throws InputError `statistics-argument`. */
export function finite(name: string, value: number): number {
  return Number.isFinite(value) ? value : refuse(name, value, 'a finite number');
}
