import type { Finding } from '../efficiency/evaluation.ts';
import { type Contrast, type Spread, spreadOf, type UnitEffect } from './contrast.ts';
import type { Contrasted } from './contrasted.ts';
import type { Policy } from './policy.ts';

/** Workloads weighed together. */
export interface Mixed {
  readonly weights: ReadonlyMap<string, number>;
  readonly logRatio: number;
  readonly spread: Spread;
  readonly parts: readonly Contrasted[];
}

/** Weight of each workload, summing to 1: as the policy declares them, or equal. */
export function weightsOf(
  workloads: readonly string[],
  mix: Policy['mix'],
): Map<string, number> | { reason: string } {
  const names = [...new Set(workloads)].sort();
  const missing = names.filter((name) => mix && mix[name] === undefined);
  if (mix && missing.length > 0)
    return {
      reason: `the policy's mix gives no weight to ${missing.join(', ')}; expected one for every workload`,
    };
  const absent = Object.keys(mix ?? {}).filter((name) => !names.includes(name));
  if (absent.length > 0)
    return { reason: `no run on both sides of ${absent.join(', ')}, which the policy's mix weighs` };
  const total = names.reduce((sum, name) => sum + (mix?.[name] ?? 1), 0);
  return new Map(names.map((name) => [name, (mix?.[name] ?? 1) / total]));
}

/**
 * The weighted mean of log ratios. Chips that ran every workload are weighed chip by chip, so that what a chip is
 * like in all of them stays in the spread; otherwise workloads count as independent.
 */
export function mixed(parts: readonly Contrasted[], weights: ReadonlyMap<string, number>): Mixed {
  const weight = (part: Contrasted): number => weights.get(part.workload) as number;
  const logRatio = parts.reduce((sum, part) => sum + weight(part) * part.contrast.logRatio, 0);
  return {
    weights,
    logRatio,
    spread: { between: between(parts, weight), night: night(parts, weight) },
    parts,
  };
}

function between(parts: readonly Contrasted[], weight: (part: Contrasted) => number): Spread['between'] {
  const candidate = together(parts, weight, (c) => c.candidate);
  const baseline = together(parts, weight, (c) => c.baseline);
  if (candidate && baseline) return spreadOf({ isPaired: true, candidate, baseline, nightTerms: [] }).between;
  const spreads = parts.map((p) => ({ w: weight(p), between: p.spread.between }));
  if (spreads.some((s) => !s.between)) return null;
  const terms = spreads.map(({ w, between: b }) => {
    const own = b as NonNullable<Spread['between']>;
    return { own, variance: (w * own.standardError) ** 2 };
  });
  const total = terms.reduce((sum, t) => sum + t.variance, 0);
  const first = (terms[0] as (typeof terms)[number]).own;
  const denominator = terms.reduce((sum, t) => sum + t.variance ** 2 / t.own.degreesOfFreedom, 0);
  return {
    ...first,
    standardError: Math.sqrt(total),
    degreesOfFreedom: denominator > 0 ? total ** 2 / denominator : first.degreesOfFreedom,
  };
}

/** Units that are in every part, each by its weighted effect; null where a part has others, or runs are the units. */
function together(
  parts: readonly Contrasted[],
  weight: (part: Contrasted) => number,
  side: (contrast: Contrast) => readonly UnitEffect[],
): UnitEffect[] | null {
  const first = parts[0] as Contrasted;
  const kinds = new Set(parts.map((p) => p.contrast.kind));
  if (kinds.size > 1 || kinds.has('run')) return null;
  const effects = parts.map((p) => new Map(side(p.contrast).map((u) => [u.unit, u])));
  if (effects.some((e) => e.size !== effects[0]?.size)) return null;
  const units = side(first.contrast).map((u): UnitEffect | null => {
    const own = effects.map((e) => e.get(u.unit));
    if (own.some((o) => !o)) return null;
    const logRatio = own.reduce(
      (sum, o, i) => sum + weight(parts[i] as Contrasted) * (o as UnitEffect).logRatio,
      0,
    );
    return { ...u, logRatio };
  });
  return units.includes(null) ? null : (units as UnitEffect[]);
}

function night(parts: readonly Contrasted[], weight: (part: Contrasted) => number): Spread['night'] {
  const nights = parts.map((p) => ({ w: weight(p), night: p.spread.night }));
  if (nights.some((n) => !n.night)) return null;
  const own = nights.map(({ w, night: n }) => ({ w, n: n as NonNullable<Spread['night']> }));
  return {
    standardError: Math.sqrt(own.reduce((sum, { w, n }) => sum + (w * n.standardError) ** 2, 0)),
    nights: Math.min(...own.map(({ n }) => n.nights)),
    inflation: Math.max(...own.map(({ n }) => n.inflation)),
  };
}

const change = (logRatio: number): string => {
  const share = (Math.exp(logRatio) - 1) * 100;
  return `${Math.abs(share).toFixed(1)} % ${share < 0 ? 'less' : 'more'}`;
};

/**
 * Simpson's paradox: what all runs together say, and what workload by workload says, may point in opposite
 * directions where the two sides ran different shares of them. Null where they agree.
 */
export function simpsonFinding(mix: Mixed): Finding | null {
  if (mix.parts.length < 2) return null;
  const sum = (side: 0 | 1, of: 'amount' | 'work'): number =>
    mix.parts.reduce((total, p) => total + p.pooled[of][side], 0);
  const pooled = Math.log((sum(0, 'amount') * sum(1, 'work')) / (sum(0, 'work') * sum(1, 'amount')));
  if (!Number.isFinite(pooled) || Math.sign(pooled) === Math.sign(mix.logRatio)) return null;
  const each = mix.parts.map((p) => `${p.workload} ${change(p.contrast.logRatio)}`).join(', ');
  const metric = mix.parts[0]?.metric ?? '';
  return {
    code: 'simpsons-paradox',
    severity: 'warning',
    message:
      `${metric}: all runs pooled say ${change(pooled)}, but the workloads by their declared weights ${change(mix.logRatio)} (${each}); ` +
      'the sides ran different shares of the workloads, and only the weighted figure compares like with like',
    values: { pooled: Math.exp(pooled), weighted: Math.exp(mix.logRatio) },
  };
}
