/** Stirling's series is used from here up: its first term left out is below 1e-16 there. */
const SERIES_FROM = 16;

/**
 * What Stirling's formula lacks: ln Gamma(x) - ((x - 1/2) ln x - x + ln(2 pi)/2), for x > 0. Below the series' reach
 * the recurrence ln Gamma(x) = ln Gamma(x + 1) - ln x lifts x. Source: Abramowitz & Stegun 6.1.40, 6.1.15.
 */
export function stirlingError(x: number): number {
  if (x < SERIES_FROM) return logGamma(x) - stirling(x);
  const s = 1 / (x * x);
  return (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - (s * 691) / 360360))))) / x;
}

const stirling = (x: number): number => (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2;

/** ln Gamma(x) for x > 0, to about 1e-14 absolute or relative, whichever is the looser. */
export function logGamma(x: number): number {
  let product = 1;
  let lifted = x;
  for (; lifted < SERIES_FROM; lifted += 1) product *= lifted;
  return stirling(lifted) + stirlingError(lifted) - Math.log(product);
}
