/** A longer copy of an array of state, NaN where nothing is yet. */
export function grown(state: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const longer = new Float64Array(length).fill(Number.NaN);
  longer.set(state);
  return longer;
}
