/**
 * Which of several hypotheses are rejected at `alpha` by Holm's step-down rule: with p-values sorted upwards,
 * reject while p_(i) <= alpha / (m - i), i from 0. Source: Holm 1979.
 */
export function holm(pValues: readonly number[], alpha: number): boolean[] {
  const order = pValues.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p);
  const rejected = pValues.map(() => false);
  for (const [rank, { p, index }] of order.entries()) {
    if (p > alpha / (pValues.length - rank)) break;
    rejected[index] = true;
  }
  return rejected;
}
