import { NIGHTLY_SHARE } from '../decision/bounds.ts';
import type { ContrastResult, GateResult } from '../decision/decision.ts';
import type { Monitoring } from '../decision/policy.ts';
import { oneSidedHalfWidth, SEQUENCE_BURN_IN } from '../statistics/confidence-sequence.ts';
import { rangeText } from './contrast-text.ts';
import { declaredText, logShare } from './format.ts';

type Night = ContrastResult['nights'][number];
type Bounded = Night & { readonly low: number; readonly high: number };

const isBounded = (n: Night): n is Bounded => n.low !== null && n.high !== null;

/** First of the nights from which a condition holds up to the last one. */
function since(nights: readonly Night[], holds: (n: Bounded) => boolean): string | null {
  const last = nights.findLastIndex((n) => !isBounded(n) || !holds(n));
  return nights[last + 1]?.night ?? null;
}

/** Where the sequence stands to one threshold, and since when. */
export function thresholdFinding(nights: readonly Night[], threshold: number): string {
  const last = nights.at(-1);
  if (!last || !isBounded(last))
    return `No interval yet: it begins with the ${SEQUENCE_BURN_IN}th night of both sides.`;
  const limit = declaredText(threshold);
  const below = since(nights, (n) => n.high < threshold);
  if (below) return `Since the night of ${below} the interval lies wholly below ${limit}.`;
  const above = since(nights, (n) => n.low > threshold);
  if (above) return `Since the night of ${above} the interval lies wholly above ${limit}.`;
  return `On the night of ${last.night} the interval, ${rangeText(last)}, still holds ${limit}.`;
}

/** The threshold that matters: what scaling up needs, else what stops. */
export const mainGate = (gates: readonly GateResult[]): GateResult | undefined =>
  gates.find((g) => g.duty === 'required' && g.against === 'today') ??
  gates.find((g) => g.duty !== 'stop') ??
  gates[0];

export function nightsFinding(contrast: ContrastResult, gates: readonly GateResult[]): string {
  const gate = mainGate(gates);
  return thresholdFinding(contrast.nights, gate?.threshold ?? 1);
}

/** Half-widths of the last interval on the log scale, and the part of it that is due to the spread between units. */
export interface Floor {
  readonly half: number;
  readonly floor: number;
}

/** Nights behind a contrast: of a long pilot the sequence does not hold every one. */
export function nightCount({ nights, units, isPaired }: ContrastResult): number {
  const most = (role: string): number =>
    units.reduce((max, u) => (u.role === role ? Math.max(max, u.nights) : max), 0);
  const candidate = Math.max(nights.length, most('candidate'));
  return isPaired ? candidate : Math.min(candidate, most('baseline'));
}

/**
 * The nightly interval is one for the units and one for the nights, added (nightlyBounds): what is left without the
 * second is the floor. Null where there is no nightly interval.
 */
export function floorOf(contrast: ContrastResult, monitoring: Monitoring, usualNights: number): Floor | null {
  const { nightly, spread } = contrast;
  if (!nightly || spread.nightSE === null) return null;
  const half = Math.log(nightly.high / nightly.low) / 2;
  const ofNights = oneSidedHalfWidth({
    standardError: spread.nightSE,
    n: nightCount(contrast),
    tunedFor: monitoring.kind === 'nightly' ? monitoring.plannedNights : usualNights,
    alpha: (NIGHTLY_SHARE * (1 - nightly.confidence)) / 2,
  });
  return { half, floor: Math.min(half, Math.max(0, half - ofNights)) };
}

export function floorText({ unit }: ContrastResult, { half, floor }: Floor): string {
  if (half === 0) return 'The interval has no width.';
  const share = Math.round((floor / half) * 100);
  return `Of the half-width of ${logShare(half, 3)}, ${logShare(floor, 3)} (${share} %) is due to the spread between ${unit}s: more nights do not lower it, only more ${unit}s do.`;
}
