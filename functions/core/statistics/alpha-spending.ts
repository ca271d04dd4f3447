import { InputError } from '../errors.ts';
import { openProbability, positive } from './arguments.ts';
import { normalCdf } from './distributions.ts';
import { gaussPanels, type Quadrature } from './gauss-legendre.ts';

/** A bound never lies above this z: the error beyond it, 6e-16, is lost in the integration. */
export const LARGEST_BOUND = 8;

/** Looks closer together than this in information are refused: the grid is as fine as they are close. */
const SMALLEST_STEP = 1e-6;

/** Past this many standard deviations a normal density is taken for zero (below 1e-17 of its peak). */
const REACH = 8.9;

/** Power family of Lan & DeMets: the error that may be spent up to the information fraction t in [0, 1], alpha t^phi. */
export const powerSpending = (alpha: number, phi: number, fraction: number): number =>
  alpha * fraction ** phi;

/** The score process sqrt(t) Z at one look, for paths that have not stopped: nodes with weight times density. */
interface Continuing {
  readonly nodes: Float64Array;
  readonly mass: Float64Array;
}

/** The paths a step of `sd` later, between the nodes of `grid`: the convolution of `before` with a normal. */
function spread(before: Continuing, { nodes, weights }: Quadrature, sd: number): Continuing {
  const scale = 1 / (sd * Math.sqrt(2 * Math.PI));
  const mass = new Float64Array(nodes.length);
  let first = 0;
  for (let k = 0; k < nodes.length; k += 1) {
    const s = nodes[k] as number;
    while (first < before.nodes.length && (before.nodes[first] as number) < s - REACH * sd) first += 1;
    let density = 0;
    for (let i = first; i < before.nodes.length; i += 1) {
      const d = ((before.nodes[i] as number) - s) / sd;
      if (d > REACH) break;
      density += (before.mass[i] as number) * Math.exp(-0.5 * d * d);
    }
    mass[k] = (weights[k] as number) * density * scale;
  }
  return { nodes, mass };
}

/** Probability to lie above `bound` (on the score scale) after a step of `sd`, for paths that have not stopped. */
function crossing(before: Continuing, bound: number, sd: number): number {
  let probability = 0;
  for (let i = before.nodes.length - 1; i >= 0; i -= 1) {
    const d = (bound - (before.nodes[i] as number)) / sd;
    if (d > REACH) break;
    probability += (before.mass[i] as number) * normalCdf(-d);
  }
  return probability;
}

function checkFractions(fractions: readonly number[]): void {
  let previous = 0;
  for (const fraction of fractions) {
    if (!(fraction >= previous + SMALLEST_STEP && fraction <= 1)) {
      throw new InputError(
        'alpha-spending',
        `information fraction ${fraction} after ${previous}: expected a rise of at least ${SMALLEST_STEP}, up to 1`,
      );
    }
    previous = fraction;
  }
}

/** Steps through the looks; `chooseBound` gets the crossing probability as a function of z and answers with the bound. */
function walk(
  fractions: readonly number[],
  chooseBound: (crossingAt: (z: number) => number, look: number) => number,
): number[] {
  checkFractions(fractions);
  // Before the first look the process is at 0 for certain.
  let paths: Continuing = { nodes: new Float64Array(1), mass: new Float64Array([1]) };
  return fractions.map((fraction, look) => {
    const sd = Math.sqrt(fraction - (fractions[look - 1] ?? 0));
    const scale = Math.sqrt(fraction);
    const crossingAt = (z: number): number => crossing(paths, z * scale, sd);
    const bound = chooseBound(crossingAt, look);
    const exit = crossingAt(bound);
    const next = fractions[look + 1];
    if (next !== undefined) {
      const panel = Math.min(sd, Math.sqrt(next - fraction));
      paths = spread(paths, gaussPanels(-REACH * scale, bound * scale, panel), sd);
    }
    return exit;
  });
}

/**
 * Probability without any true effect that z first exceeds its bound at each look, for looks at these information
 * fractions; their sum is the one-sided error spent. Bounds are taken at most at `LARGEST_BOUND`.
 */
export function exitProbabilities(fractions: readonly number[], bounds: readonly number[]): number[] {
  if (bounds.length !== fractions.length || !bounds.every((z) => Math.abs(z) <= LARGEST_BOUND)) {
    throw new InputError(
      'alpha-spending',
      `bounds ${bounds.join(', ')}: expected ${fractions.length} numbers from -${LARGEST_BOUND} to ${LARGEST_BOUND}`,
    );
  }
  return walk(fractions, (_, look) => bounds[look] as number);
}

/** Largest z up to the cap whose crossing probability is still `probability`, by bisection to the last digits. */
function boundFor(probability: number, crossingAt: (z: number) => number): number {
  if (crossingAt(LARGEST_BOUND) >= probability) return LARGEST_BOUND;
  let [low, high] = [-LARGEST_BOUND, LARGEST_BOUND];
  while (high - low > 1e-11) {
    const middle = (low + high) / 2;
    if (crossingAt(middle) > probability) low = middle;
    else high = middle;
  }
  return high;
}

/** Which error is spent, and how fast. */
export interface Spending {
  /** Whole error over all looks and all sides, in (0, 1). */
  readonly alpha: number;
  /** Exponent of the power family, above 0: 1 spends evenly, 3 is close to O'Brien & Fleming. */
  readonly phi: number;
  /** 2: each side gets half of alpha and a bound of its own, so that the error of both is at most alpha. */
  readonly sides: 1 | 2;
}

/** One look: stop where z (where |z| for two sides) exceeds `bound`. */
export interface SpendingLook {
  readonly fraction: number;
  readonly bound: number;
  /** Error spent on one side up to and with this look. */
  readonly spent: number;
}

/**
 * Group sequential bounds on z at information fractions t (rising, in (0, 1]), so that each look spends what
 * alpha t^phi allows and earlier looks have not spent. Found by the recursive integration of Armitage, McPherson
 * & Rowe (1969) on Gauss-Legendre panels. The looks so far suffice: later ones do not change earlier bounds.
 *
 * Source: Lan & DeMets 1983, Kim & DeMets 1987; the form is that of spotify/confidence, whose search for a bound
 * stops within 1e-7 of the error to spend and so is loose where little is spent. This one is not.
 */
export function spendingBounds(
  fractions: readonly number[],
  { alpha, phi, sides }: Spending,
): SpendingLook[] {
  openProbability('alpha', alpha);
  positive('phi', phi);
  const looks: SpendingLook[] = [];
  walk(fractions, (crossingAt, look) => {
    const fraction = fractions[look] as number;
    const before = looks[look - 1]?.spent ?? 0;
    const bound = boundFor(powerSpending(alpha / sides, phi, fraction) - before, crossingAt);
    looks.push({ fraction, bound, spent: before + crossingAt(bound) });
    return bound;
  });
  return looks;
}
