import { BROKEN_LIMIT_RATIO, type CounterEnergy } from './counter-energy.ts';
import type { Finding } from './evaluation.ts';
import { list, type ScopeFacts, together } from './run-findings.ts';

/** Counter and power readings of one chip may differ by this much; beyond it one of the two is wrong. */
const DISAGREES_RATIO = 0.05;
/** How near a ratio must come to a factor between units, on either side: sensors and counters differ by less. */
const UNIT_TOLERANCE_RATIO = 0.2;

/** Ratios of counter to power readings that a wrong unit gives, and what they look like. */
const UNIT_MIX_UPS: readonly (readonly [number, string])[] = [
  [1e3, 'the counter looks like mJ read as J (or power in kW read as W)'],
  [1e6, 'the counter looks like µJ read as J (or power in MW read as W)'],
  [3_600, 'the counter looks like J read as Wh'],
  [3.6e6, 'the counter looks like J read as kWh'],
  [1e-3, 'the counter looks like kJ read as J, or power in mW read as W'],
  [1e-6, 'the counter looks like MJ read as J, or power in µW read as W'],
  [1 / 3_600, 'the counter looks like Wh read as J'],
  [1 / 3.6e6, 'the counter looks like kWh read as J'],
];

/** What a ratio of counter to power readings looks like; null where it is near no factor between units. */
export function unitMixUp(ratio: number): string | null {
  const limit = Math.log(1 + UNIT_TOLERANCE_RATIO);
  return UNIT_MIX_UPS.find(([factor]) => Math.abs(Math.log(ratio / factor)) < limit)?.[1] ?? null;
}

interface Counted {
  readonly facts: ScopeFacts;
  readonly counter: CounterEnergy;
}

const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)} %`;
const scopesOf = (counted: readonly Counted[]): ScopeFacts[] => counted.map((c) => c.facts);
const most = (counted: readonly Counted[], pick: (counter: CounterEnergy) => number): number =>
  Math.max(...counted.map((c) => pick(c.counter)));

/** What a reader must know of the energy counters: resets that were bridged, counters that were not believed. */
export function counterFindings(facts: readonly ScopeFacts[]): Finding[] {
  const counted = facts.flatMap((f): Counted[] => (f.counter ? [{ facts: f, counter: f.counter }] : []));
  const refused = (why: CounterEnergy['refusal']): Counted[] =>
    counted.filter((c) => c.counter.refusal === why);
  return [
    ...resetFindings(counted.filter((c) => c.counter.resets > 0)),
    ...together(
      scopesOf(refused('misses-end')),
      'counter-misses-end',
      (f) => `the energy counter of ${list(f)} has no reading near run start or run stop and gives no energy`,
    ),
    ...together(
      scopesOf(refused('frozen')),
      'counter-frozen',
      (f) => `the energy counter of ${list(f)} stands still during the run and gives no energy`,
    ),
    ...disagreements(counted),
  ];
}

function resetFindings(broken: readonly Counted[]): Finding[] {
  const lost = broken.filter((c) => c.counter.refusal === 'broken');
  const bridged = broken.filter((c) => c.counter.refusal === null);
  const resets = (of: readonly Counted[]): number => of.reduce((n, c) => n + c.counter.resets, 0);
  return [
    ...together(
      scopesOf(bridged),
      'counter-reset',
      (f) =>
        `the energy counter of ${list(f)} fell or jumped ${resets(bridged)} times; up to ${percent(most(bridged, (c) => c.bridgedRatio))} of the run is bridged at its mean power`,
      () => ({ resets: resets(bridged), bridgedRatio: most(bridged, (c) => c.bridgedRatio) }),
    ),
    ...together(
      scopesOf(lost),
      'counter-broken',
      (f) =>
        `the energy counter of ${list(f)} fell or jumped ${resets(lost)} times, over up to ${percent(most(lost, (c) => c.bridgedRatio))} of the run, and gives no energy; expected at most ${percent(BROKEN_LIMIT_RATIO)}`,
      () => ({ resets: resets(lost), bridgedRatio: most(lost, (c) => c.bridgedRatio) }),
    ),
  ];
}

/** Counter against power readings, scope by scope: two ways to the same energy that should agree. */
function disagreements(counted: readonly Counted[]): Finding[] {
  const compared = counted.flatMap((c) => {
    const powerJ = c.facts.scope.energy.clippedTrapezoidJ;
    const counterJ = c.counter.energyJ ?? (c.counter.refusal === 'broken' ? c.counter.rawRiseJ : null);
    return powerJ !== null && powerJ > 0 && counterJ !== null && counterJ > 0
      ? [{ ...c, ratio: counterJ / powerJ }]
      : [];
  });
  const off = compared.filter(
    (c) =>
      Math.abs(c.ratio - 1) > DISAGREES_RATIO && (c.counter.energyJ !== null || unitMixUp(c.ratio) !== null),
  );
  const kinds = new Set(off.map((c) => unitMixUp(c.ratio)));
  return [...kinds].flatMap((mixUp) => {
    const alike = off.filter((c) => unitMixUp(c.ratio) === mixUp);
    const ratios = alike.map((c) => c.ratio).sort((a, b) => a - b);
    const [low, high] = [ratios[0] as number, ratios.at(-1) as number];
    return together(
      scopesOf(alike),
      'counter-disagrees',
      (f) =>
        `${list(f)}: the energy counter gives ${low === high ? '' : `${times(low)} to `}${times(high)} times the energy of the power readings; expected within ${percent(DISAGREES_RATIO)}${mixUp === null ? '' : `: ${mixUp}`}`,
      () => ({ lowRatio: low, highRatio: high }),
    );
  });
}

const times = (ratio: number): string => Number(ratio.toPrecision(4)).toString();
