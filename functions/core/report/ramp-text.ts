import type { ComputedRamp, FlipPrice, Interval, RampCost } from '../decision/ramp-result.ts';
import { changeText, declaredText, digits } from './format.ts';

const SCALES = [
  [1e9, ' bn'],
  [1e6, ' M'],
  [1e3, ' k'],
] as const;

/** An amount in three to four digits: `USD 84.2 M`, `USD 0.02764`, `USD -1.300 k`. */
export function money(amount: number, currency: string, significant = 3): string {
  const [factor, scale] = SCALES.find(([f]) => Math.abs(amount) >= f) ?? [1, ''];
  return `${currency} ${digits(amount / factor, significant)}${scale}`;
}

/** An amount on an axis, without its currency: `-100 M`, `2.5 bn`. */
export function amountText(amount: number): string {
  const [factor, scale] = SCALES.find(([f]) => Math.abs(amount) >= f) ?? [1, ''];
  return `${declaredText(amount / factor)}${scale}`;
}

/** A whole number with its thousands apart: 15,000. */
export const count = (value: number): string =>
  Math.round(value)
    .toFixed(0)
    .replace(/\B(?=(\d{3})+$)/g, ',');

/** Interval in words; `absent` is what a bound that does not exist is called. */
export function rangeText(
  { low, high }: { readonly low: number | null; readonly high: number | null },
  text: (value: number) => string,
  absent: string,
): string {
  const of = (bound: number | null): string => (bound === null ? absent : text(bound));
  return low === null && high === null && absent === '' ? 'no interval' : `${of(low)} to ${of(high)}`;
}

const hasInterval = (ramp: ComputedRamp): boolean => ramp.draws > 0;
const confidence = (ramp: ComputedRamp): string => `${Math.round(ramp.confidence * 100)} % interval`;

/** Value with its interval, where draws were made. */
export function withRange(
  ramp: ComputedRamp,
  interval: { readonly central: number | null; readonly low: number | null; readonly high: number | null },
  text: (value: number) => string,
  absent = 'none',
): string {
  const central = interval.central === null ? absent : text(interval.central);
  return hasInterval(ramp) ? `${central} (${rangeText(interval, text, absent)})` : central;
}

const gains = (amount: number): string => (amount < 0 ? 'loses' : 'saves');

function certainty({ probabilityOfSaving: share, draws }: ComputedRamp): string {
  if (share === null) return 'how sure that is cannot be said';
  if (share === 1 || share === 0)
    return `it ${share === 1 ? 'saves' : 'loses'} in every one of ${count(draws)} draws`;
  return `it saves in ${digits(share * 100, share > 0.99 ? 4 : 3)} % of ${count(draws)} draws`;
}

/** The finding: what the ramp saves or costs, and how sure that is. */
export function finding(ramp: ComputedRamp): string {
  const { savings, currency, months } = ramp;
  const text = (amount: number): string => money(amount, currency);
  const amount = `${gains(savings.central)} ${text(Math.abs(savings.central))} over ${months.length} months`;
  const { low, high } = savings;
  if (low === null || high === null)
    return `At the central values the ramp ${amount}; ${certainty(ramp)}: there is no interval.`;
  const range = `${confidence(ramp)} ${text(low)} to ${text(high)}`;
  return low > 0 || high < 0
    ? `The ramp ${amount} (${range}); ${certainty(ramp)}.`
    : `Whether the ramp saves is open: at the central values it ${amount}, but the ${range} holds 0; ${certainty(ramp)}.`;
}

function volumeText(ramp: ComputedRamp): string {
  const { goodChips } = ramp.breakEven;
  if (goodChips.central === null) return 'No volume pays: every chip costs more than it saves.';
  const range = hasInterval(ramp) ? `, ${confidence(ramp)} ${rangeText(goodChips, count, 'no volume')}` : '';
  return `The ramp pays from ${count(goodChips.central)} good chips on (the plan has ${count(ramp.chips)}${range}).`;
}

function monthText(ramp: ComputedRamp): string {
  const { month, monthName } = ramp.breakEven;
  if (month.central === null) return 'Cumulative savings end below 0.';
  const range = hasInterval(ramp) ? `; ${confidence(ramp)} ${rangeText(month, count, 'never')}` : '';
  return `Cumulative savings stay at or above 0 from month ${count(month.central)} (${monthName}) on${range}.`;
}

function costText({ cost, currency }: ComputedRamp): string {
  const [own, gpu] = [cost.candidate.total.central, cost.gpu.total.central];
  return `A million useful tokens cost ${money(own, currency, 4)} on the candidate and ${money(gpu, currency, 4)} on the GPU: ${changeText(own / gpu)}.`;
}

function gpuText(ramp: ComputedRamp): string {
  const { low, central, high } = ramp.gpusPerChip;
  const text = (value: number): string => digits(value, 3);
  const range = low === null || high === null ? '' : ` (${text(low)} to ${text(high)})`;
  const most = Math.max(...ramp.months.map((m) => m.gpusDropped));
  return `One chip does the work of ${text(central)} GPUs${range}; at most ${count(most)} GPUs are dropped at a time.`;
}

function weekText({ oneMoreWeek: week, currency }: ComputedRamp): string[] {
  if (week === null) return [];
  // A value of parts of a cent is none.
  const text = (amount: number): string => money(Math.abs(amount) < 0.01 ? 0 : amount, currency);
  const both = `it improves the decision by at most ${text(week.information)} and delays savings of ${text(week.delay)}`;
  return [
    week.net > 0
      ? `One more week of pilot may be worth ${text(week.net)}: ${both}.`
      : `One more week of pilot is not worth its delay: ${both}.`,
  ];
}

/** What follows the finding, a sentence each. */
export const statements = (ramp: ComputedRamp): string[] => [
  volumeText(ramp),
  monthText(ramp),
  costText(ramp),
  gpuText(ramp),
  ...weekText(ramp),
];

/** How the amounts are meant, and what the interval does not know. */
export function basisText(ramp: ComputedRamp): string {
  const { discountRatePerYear: rate, draws, seed, exact } = ramp;
  const value =
    rate > 0 ? `Present values at ${digits(rate * 100, 3)} % a year.` : 'Amounts are not discounted.';
  const how = draws > 0 ? ` ${count(draws)} draws, seed ${seed}.` : '';
  return `${value}${how}${exact.length > 0 ? ` Taken as exact: ${exact.join(', ')}.` : ''}`;
}

export interface PartRow {
  readonly name: string;
  readonly candidate: string;
  readonly gpu: string;
}

const PARTS: readonly (readonly [Exclude<keyof RampCost, 'total'>, string])[] = [
  ['rent', 'rent, all in'],
  ['capital', 'chips'],
  ['power', 'power of chips'],
  ['overheadCapital', 'host and network'],
  ['overheadPower', 'power of host and network'],
  ['oneTime', 'non-recurring and porting'],
];

/** Cost per million useful tokens by part; parts that neither side has are left out. */
export function partRows(ramp: ComputedRamp): PartRow[] {
  const { candidate, gpu } = ramp.cost;
  const text = (amount: number): string => (amount === 0 ? '—' : digits(amount, 4));
  const total = (interval: Interval): string => withRange(ramp, interval, text);
  return [
    ...PARTS.filter(([key]) => candidate[key] !== 0 || gpu[key] !== 0).map(([key, name]) => ({
      name,
      candidate: text(candidate[key]),
      gpu: text(gpu[key]),
    })),
    { name: 'total', candidate: total(candidate.total), gpu: total(gpu.total) },
  ];
}

export const PART_HEADS = ['part', 'candidate', 'GPU'] as const;
export const partsCaption = ({ currency }: ComputedRamp): string =>
  `${currency} per million useful tokens; in brackets the 90 % interval`;

export interface FlipRow {
  readonly price: string;
  readonly planned: string;
  readonly flip: string;
  readonly room: string;
}

const priceText = (value: number): string => (value >= 1000 ? count(value) : digits(value, 4));

/** The price at which savings are 0, and how far the planned one is from it. */
export function flipRow(ramp: ComputedRamp, price: FlipPrice): FlipRow {
  const { central } = price.flip;
  return {
    price: `${price.price} (${price.unit})`,
    planned: priceText(price.planned),
    flip: central === null ? `none: ${price.reason ?? ''}` : withRange(ramp, price.flip, priceText),
    room: central === null ? '—' : changeText(central / price.planned),
  };
}

export const FLIP_HEADS = ['price', 'planned', 'savings are 0 at', 'which is'] as const;
export const FLIP_CAPTION = 'Prices at which the ramp would neither save nor lose, all else as planned';

/** A value of an input in its own unit, short. */
export const inputText = (value: number): string =>
  Math.abs(value) >= 1e6
    ? `${digits(value / 1e6, 3)} M`
    : Math.abs(value) >= 1e3
      ? count(value)
      : digits(value, 3);
