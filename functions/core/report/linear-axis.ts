/** Steps of a linear axis: 1, 2, 2.5 or 5 times a power of ten. */
function stepOf(span: number, about: number): number {
  const raw = span / about;
  const power = 10 ** Math.floor(Math.log10(raw));
  return ([1, 2, 2.5, 5, 10].find((m) => m * power >= raw) as number) * power;
}

/** Round numbers from `from` to `to`, at most about so many; one number where the axis has no length. */
export function linearTicks(from: number, to: number, about: number): number[] {
  if (!(to > from)) return [from];
  const step = stepOf(to - from, about);
  const first = Math.ceil(from / step - 1e-9);
  const count = Math.floor(to / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, i) => (first + i) * step);
}
