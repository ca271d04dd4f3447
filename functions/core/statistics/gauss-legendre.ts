/** Nodes and weights of 6-point Gauss-Legendre on [-1, 1] (Abramowitz & Stegun 25.4.30), the positive half. */
const NODES = [0.238619186083197, 0.661209386466265, 0.932469514203152];
const WEIGHTS = [0.467913934572691, 0.360761573048139, 0.17132449237917];

/** Nodes in rising order, with the weight of each: the integral is the sum of weight times function. */
export interface Quadrature {
  readonly nodes: Float64Array;
  readonly weights: Float64Array;
}

/** Gauss-Legendre of 6 points on equal panels over [low, high], low < high, none wider than `panel`. */
export function gaussPanels(low: number, high: number, panel: number): Quadrature {
  const panels = Math.max(1, Math.ceil((high - low) / panel));
  const half = (high - low) / panels / 2;
  const [nodes, weights] = [new Float64Array(panels * 6), new Float64Array(panels * 6)];
  for (let p = 0; p < panels; p += 1) {
    const centre = low + (2 * p + 1) * half;
    for (let i = 0; i < 3; i += 1) {
      const [offset, weight] = [half * (NODES[i] as number), half * (WEIGHTS[i] as number)];
      nodes[p * 6 + 2 - i] = centre - offset;
      nodes[p * 6 + 3 + i] = centre + offset;
      weights[p * 6 + 2 - i] = weight;
      weights[p * 6 + 3 + i] = weight;
    }
  }
  return { nodes, weights };
}
