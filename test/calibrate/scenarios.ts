import type { Random } from '../../cli/simulate/random.ts';
import { hasBounds, onceBounds } from '../../functions/core/decision/bounds.ts';
import { contrastOf, spreadOf } from '../../functions/core/decision/contrast.ts';
import type { Contrasted } from '../../functions/core/decision/contrasted.ts';
import type { Verdict } from '../../functions/core/decision/decision.ts';
import { DEFAULT_POLICY } from '../../functions/core/decision/default-policy.ts';
import { contrastEstimate, type Estimate } from '../../functions/core/decision/estimate.ts';
import { evaluateGates, type GateCase, verdictOf } from '../../functions/core/decision/gates.ts';
import type { Metric } from '../../functions/core/decision/policy.ts';
import type { UnitKind, UnitNight } from '../../functions/core/decision/unit-nights.ts';
import {
  oneSidedHalfWidth,
  SEQUENCE_BURN_IN,
  twoSidedHalfWidth,
} from '../../functions/core/statistics/confidence-sequence.ts';
import { mean, variance } from '../../functions/core/statistics/mean-interval.ts';
import { tQuantile } from '../../functions/core/statistics/student-t.ts';

/** What one simulated pilot came to; the share of pilots that came to each is what is calibrated. */
export type Outcome = Readonly<Record<string, boolean>>;

export interface Scenario {
  readonly name: string;
  readonly pilots: number;
  readonly once: (random: Random) => Outcome;
}

interface Design {
  readonly chips: number;
  /** 0: none. */
  readonly lots: number;
  readonly nights: number;
  readonly logRatio: number;
}

const CHIP_SD = 0.03;
const NIGHT_SD = 0.02;
const LOT_SD = 0.02;
const LOOKS = 84;
const PILOT_NIGHTS = 60;

const nightName = (n: number): string => new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10);

function side(random: Random, { chips, lots, nights }: Design, logValue: number, name: string): UnitNight[] {
  const ofLots = Array.from({ length: lots }, () => LOT_SD * random.normal());
  return Array.from({ length: chips }, (_, i) => {
    const lot = lots > 0 ? `lot-${i % lots}` : null;
    const own = logValue + (lots > 0 ? (ofLots[i % lots] as number) : 0) + CHIP_SD * random.normal();
    return Array.from(
      { length: nights },
      (__, n): UnitNight => ({
        unit: `${name}-${i}`,
        lot,
        node: null,
        night: nightName(n),
        logValue: own + NIGHT_SD * random.normal(),
      }),
    );
  }).flat();
}

/** Does the 95 % interval that is looked at once cover the truth? The baseline names no lots, as GPUs do not. */
function coverage(design: Design): Scenario['once'] {
  return (random) => {
    const candidate = side(random, design, design.logRatio, 'c');
    const contrast = contrastOf('chip', candidate, side(random, { ...design, lots: 0 }, 0, 'b'));
    const bounds = onceBounds(contrast.logRatio, spreadOf(contrast));
    if (!hasBounds(bounds)) throw new Error('no bounds');
    return { covers: bounds.lower(0.025) <= design.logRatio && bounds.upper(0.025) >= design.logRatio };
  };
}

/** Nights without a difference, looked at every night from the seventh on: who sees one? */
function lookingEveryNight(random: Random): Outcome {
  const nights: number[] = [];
  let [naive, sequence] = [false, false];
  for (let n = 1; n <= LOOKS; n += 1) {
    nights.push(random.normal());
    if (n < SEQUENCE_BURN_IN) continue;
    const estimate = Math.abs(mean(nights));
    const standardError = Math.sqrt(variance(nights) / n);
    naive ||= estimate > tQuantile(0.975, n - 1) * standardError;
    sequence ||= estimate > twoSidedHalfWidth({ standardError, n, tunedFor: PILOT_NIGHTS, alpha: 0.05 });
  }
  return { 'naive t interval': naive, 'confidence sequence': sequence };
}

/** The same for one side, as gates look. */
function oneSided(random: Random): Outcome {
  const nights: number[] = [];
  let sees = false;
  for (let n = 1; n <= LOOKS; n += 1) {
    nights.push(random.normal());
    if (n < SEQUENCE_BURN_IN) continue;
    const standardError = Math.sqrt(variance(nights) / n);
    sees ||= mean(nights) > oneSidedHalfWidth({ standardError, n, tunedFor: PILOT_NIGHTS, alpha: 0.05 });
  }
  return { 'confidence sequence, one-sided': sees };
}

interface Sides {
  readonly kind: UnitKind;
  readonly metric: Metric;
  readonly candidate: readonly UnitNight[];
  readonly baseline: readonly UnitNight[];
}

/** Run by run, one value a night: times and losses of whole systems. */
const runs = (random: Random, logValue: number, sd: number, name: string): UnitNight[] =>
  Array.from({ length: PILOT_NIGHTS }, (_, n) => ({
    unit: `${name}-${n}`,
    lot: null,
    node: null,
    night: nightName(n),
    logValue: logValue + sd * random.normal(),
  }));

function estimateOf({ kind, metric, candidate, baseline }: Sides, last: string): Estimate {
  const until = (v: UnitNight): boolean => v.night <= last;
  const [c, b] = [candidate.filter(until), baseline.filter(until)];
  const contrast = contrastOf(kind, c, b);
  const part: Contrasted = {
    name: 'simulated',
    workload: 'simulated',
    metric: metric as Contrasted['metric'],
    method: '',
    boundary: 'chip',
    contrast,
    spread: spreadOf(contrast),
    evidence: 'A',
    runs: { candidate: contrast.nights.length, baseline: contrast.nights.length },
    excluded: [],
    levels: { candidate: 1, baseline: 1 },
    pooled: { amount: [1, 1], work: [1, 1] },
    ofFirst: () => null,
    candidateValues: c,
    baselineValues: b,
  };
  return contrastEstimate(part, DEFAULT_POLICY.monitoring, null);
}

/**
 * A pilot of 24 chips and 60 nights under the default policy, decided every night from the seventh on; all but energy is
 * as a team would wish it, so that energy alone decides. The first verdict that is not `hold` ends it.
 */
function pilot(energyRatio: number): Scenario['once'] {
  return (random) => {
    const design = { chips: 24, lots: 0, nights: PILOT_NIGHTS, logRatio: Math.log(energyRatio) };
    const time: Sides = {
      kind: 'run',
      metric: 'time-per-useful-token',
      candidate: runs(random, Math.log(0.95), 0.02, 'c'),
      baseline: runs(random, 0, 0.02, 'b'),
    };
    const cheaper = time.candidate.map((v) => ({ ...v, logValue: v.logValue + Math.log(0.8) }));
    const all: Sides[] = [
      {
        kind: 'chip',
        metric: 'energy-per-useful-token',
        candidate: side(random, design, design.logRatio, 'c'),
        baseline: side(random, design, 0, 'b'),
      },
      time,
      { ...time, metric: 'cost-per-useful-token', candidate: cheaper },
      {
        kind: 'run',
        metric: 'loss-at-equal-tokens',
        candidate: runs(random, 0, 0.003, 'c'),
        baseline: runs(random, 0, 0.003, 'b'),
      },
    ];
    let [verdict, night]: [Verdict, number] = ['hold', SEQUENCE_BURN_IN - 1];
    while (verdict === 'hold' && night < PILOT_NIGHTS) {
      night += 1;
      verdict = verdictAt(all, nightName(night - 1));
    }
    return {
      'scaled up': verdict === 'scale-up',
      stopped: verdict === 'stop',
      'stopped before night 30': verdict === 'stop' && night < 30,
    };
  };
}

function verdictAt(all: readonly Sides[], last: string): Verdict {
  const estimates = new Map(all.map((sides) => [sides.metric, estimateOf(sides, last)]));
  const cases = DEFAULT_POLICY.gates.map(
    (gate): GateCase => ({
      gate,
      subject: { estimate: estimates.get(gate.metric) as Estimate, blocked: null },
    }),
  );
  return verdictOf(evaluateGates(DEFAULT_POLICY, cases));
}

const COVERAGE_PILOTS = 10_000;
const NIGHTLY_PILOTS = 10_000;
const WHOLE_PILOTS = 10_000;

const covers = (chips: number, lots: number): Scenario => ({
  name: `${chips} chips a side, ${lots === 0 ? 'no lots named' : `${lots} lots of the candidate`}`,
  pilots: COVERAGE_PILOTS,
  once: coverage({ chips, lots, nights: 3, logRatio: Math.log(0.9) }),
});

export const SCENARIOS: readonly Scenario[] = [
  covers(8, 0),
  covers(24, 0),
  covers(100, 0),
  covers(8, 4),
  covers(24, 6),
  covers(100, 10),
  { name: `${LOOKS} nightly looks at no difference`, pilots: NIGHTLY_PILOTS, once: lookingEveryNight },
  { name: `${LOOKS} nightly looks at no difference, one side`, pilots: NIGHTLY_PILOTS, once: oneSided },
  { name: 'no true gain in energy', pilots: WHOLE_PILOTS, once: pilot(1) },
  { name: '10 % less energy', pilots: WHOLE_PILOTS, once: pilot(0.9) },
  { name: '5 % more energy', pilots: WHOLE_PILOTS, once: pilot(1.05) },
  { name: '5 % less energy, just the margin', pilots: WHOLE_PILOTS, once: pilot(0.95) },
];
