import { emptySample } from './sample.ts';

/** Numbers of a sample before its values, where many lie side by side: scope and time. */
export const SAMPLE_HEAD = 2;

/** Scope of the sample at a place, as an integer: indices computed from a double take three times as long. */
export const scopeAt = (numbers: Float64Array, at: number): number => (numbers[at] as number) | 0;

/** Takes samples that lie side by side apart. `values` is the same array again and again. */
export function eachSample(
  numbers: Float64Array,
  count: number,
  fields: readonly number[],
  take: (scope: number, timeMs: number, values: Float64Array) => void,
): void {
  const values = emptySample();
  const stride = SAMPLE_HEAD + fields.length;
  for (let at = 0; at < count * stride; at += stride) {
    for (let k = 0; k < fields.length; k += 1)
      values[fields[k] as number] = numbers[at + SAMPLE_HEAD + k] as number;
    take(scopeAt(numbers, at), numbers[at + 1] as number, values);
  }
}
