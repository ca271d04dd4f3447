import type { ProgressRecord } from './progress.ts';

/** What work is counted in; null where no log counts it. */
export interface WorkTotals {
  readonly steps: number | null;
  readonly samples: number | null;
  readonly tokens: number | null;
  readonly realTokens: number | null;
}

const MEASURES = ['steps', 'samples', 'tokens', 'realTokens'] as const;

export const NO_WORK: WorkTotals = { steps: 0, samples: 0, tokens: 0, realTokens: 0 };

function combine(
  a: WorkTotals,
  b: WorkTotals,
  by: (a: number, b: number, measure: keyof WorkTotals) => number | null,
): WorkTotals {
  const result: Record<keyof WorkTotals, number | null> = { ...NO_WORK };
  for (const m of MEASURES) result[m] = a[m] === null || b[m] === null ? null : by(a[m], b[m], m);
  return result;
}

export const plus = (a: WorkTotals, b: WorkTotals): WorkTotals => combine(a, b, (x, y) => x + y);
export const minus = (a: WorkTotals, b: WorkTotals): WorkTotals => combine(a, b, (x, y) => x - y);

/** The point a share of the way from `a` to `b`. */
export const between = (a: WorkTotals, b: WorkTotals, share: number): WorkTotals =>
  combine(a, b, (x, y) => x + (y - x) * share);

/** `a`, and what it does not count as `b` does. */
export function orElse(a: WorkTotals, b: WorkTotals): WorkTotals {
  const result: Record<keyof WorkTotals, number | null> = { ...a };
  for (const m of MEASURES) result[m] = a[m] ?? b[m];
  return result;
}

/** Totals as a record gives them. Tokens without padding that a log counts step by step go on from `before`. */
export function totalsOf(record: ProgressRecord, before: WorkTotals): WorkTotals {
  const { step, samples, tokens, realTokens, stepRealTokens } = record;
  const steps = step === null || before.steps === null ? null : step - before.steps;
  const counted =
    stepRealTokens === null || steps === null || before.realTokens === null
      ? null
      : before.realTokens + stepRealTokens * steps;
  return { steps: step, samples, tokens, realTokens: realTokens ?? counted };
}
