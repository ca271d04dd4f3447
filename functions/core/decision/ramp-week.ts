import normalCdf from '@stdlib/stats-base-dists-normal-cdf';
import type { PilotWeek } from './ramp-result.ts';

const WEEKS_PER_MONTH = 52 / 12;

const density = (z: number): number => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);

/**
 * What one more week of pilot is worth before the ramp is decided, in the plan's currency.
 *
 * The decision is to ramp where the mean of the savings mu is above 0. Of the variance that the measured inputs bring
 * into the savings, s^2, one more week after w of them resolves s^2 / (w + 1); with sigma its root, the decision gets
 * better by the normal loss sigma (phi(u) - u Phi(-u)), u = |mu| / sigma (Raiffa and Schlaifer 1961). Waiting costs
 * what a week of the plan saves on average, where it saves. What more nights cannot resolve, the difference from chip
 * to chip, is in s too: the value is an upper bound.
 */
export function valueOfOneMoreWeek(
  meanSavings: number,
  measuredSpread: number,
  pilotWeeks: number,
  planMonths: number,
): PilotWeek {
  const sigma = measuredSpread / Math.sqrt(pilotWeeks + 1);
  const u = sigma === 0 ? 0 : Math.abs(meanSavings) / sigma;
  const information = sigma === 0 ? 0 : Math.max(0, sigma * (density(u) - u * normalCdf(-u, 0, 1)));
  const delay = Math.max(0, meanSavings) / (planMonths * WEEKS_PER_MONTH);
  return { information, delay, net: information - delay };
}
