import { Random } from '../../cli/simulate/random.ts';
import type { PriceBasis } from '../../functions/core/efficiency/catalogue.ts';
import type { Evaluation, UnitEvaluation } from '../../functions/core/efficiency/evaluation.ts';
import { evaluation } from '../fixtures.ts';

/** A pilot as `evaluate` would leave it: one run a side, workload and night, with a figure for every chip. */
export interface PilotDesign {
  readonly seed: number;
  readonly chips: number;
  readonly nights: number;
  /** 0: no lots are named. */
  readonly lots: number;
  readonly workloads: readonly {
    readonly name: string;
    readonly energyRatio: number;
    readonly timeRatio: number;
  }[];
  readonly lossRatio: number;
  readonly lotSd: number;
  readonly chipSd: number;
  /** Of each chip and night. */
  readonly nightSd: number;
  /** Shared by both sides of a night. */
  readonly weatherSd: number;
  /** Of the baseline, log a day. */
  readonly driftPerDay: number;
  readonly startDate: string;
}

export const PILOT: PilotDesign = {
  seed: 1,
  chips: 24,
  nights: 30,
  lots: 0,
  workloads: [{ name: 'llm', energyRatio: 0.8, timeRatio: 0.95 }],
  lossRatio: 1,
  lotSd: 0,
  chipSd: 0.03,
  nightSd: 0.02,
  weatherSd: 0.05,
  driftPerDay: 0,
  startDate: '2026-01-01',
};

/** What an hour of either chip costs. */
export const PILOT_PRICES: PriceBasis = {
  schema: 'wattline/prices@1',
  name: 'test',
  date: '2026',
  currency: 'USD',
  description: 'invented',
  source: 'test',
  perChipHour: [
    { sku: 'own-chip', value: 1, grade: 'M' },
    { sku: 'H100-SXM-80GB', value: 1.3, grade: 'M' },
  ],
};

const DAY_MS = 86_400_000;
const RUN_S = 3600;
const TOKENS_A_CHIP = 1e6;
const JOULES_A_TOKEN = 2;

const NOT_READ = {
  throttledRatio: { power: 0.01, thermal: 0, other: null },
  temperatureC: 60,
  maxTemperatureC: 70,
  eccCorrected: null,
  eccUncorrected: null,
  faults: null,
};

function unit(id: string, lot: string | null, energyPerTokenJ: number): UnitEvaluation {
  const energyJ = energyPerTokenJ * TOKENS_A_CHIP;
  return {
    kind: 'chip',
    id,
    node: null,
    slot: null,
    lot,
    bin: null,
    stepping: null,
    firmware: null,
    chips: 1,
    boundary: 'chip',
    energyJ,
    energyMethod: 'clipped-trapezoid',
    meanPowerW: energyJ / RUN_S,
    coverageRatio: 1,
    maxGapInRunS: 1,
    evidence: 'A',
    evidenceReasons: [],
    work: {
      tokens: TOKENS_A_CHIP,
      usefulTokens: TOKENS_A_CHIP,
      samples: null,
      basis: 'equal share',
      sharedBy: null,
    },
    energyPerTokenJ,
    energyPerUsefulTokenJ: energyPerTokenJ,
    energyPerSampleJ: null,
    tokensPerSecond: TOKENS_A_CHIP / RUN_S,
    timePerUsefulTokenS: RUN_S / TOKENS_A_CHIP,
    tflops: null,
    mfuRatio: null,
    ...NOT_READ,
  };
}

/** Every evaluation of the pilot; the same for the same design. */
export function pilot(design: PilotDesign): Evaluation[] {
  const { seed, chips, nights, lots, workloads } = design;
  const startMs = Date.parse(`${design.startDate}T00:00:00Z`);
  const random = new Random(seed, 'pilot');
  const sides = (['candidate', 'baseline'] as const).map((role) => {
    const ofLots = Array.from({ length: Math.max(lots, 1) }, () => design.lotSd * random.normal());
    const own = Array.from({ length: chips }, (_, i) => ({
      id: `${role}-${String(i).padStart(3, '0')}`,
      lot: lots > 0 ? `lot-${i % lots}` : null,
      effect: (ofLots[i % Math.max(lots, 1)] as number) + design.chipSd * random.normal(),
    }));
    return { role, own };
  });
  return Array.from({ length: nights }, (_, night) => {
    const weather = design.weatherSd * random.normal();
    return workloads.flatMap((workload) =>
      sides.map(({ role, own }): Evaluation => {
        const isCandidate = role === 'candidate';
        const side = isCandidate ? Math.log(workload.energyRatio) : design.driftPerDay * night;
        const units = own.map(({ id, lot, effect }) =>
          unit(
            id,
            lot,
            JOULES_A_TOKEN * Math.exp(side + effect + weather + design.nightSd * random.normal()),
          ),
        );
        const energyJ = units.reduce((sum, u) => sum + (u.energyJ as number), 0);
        const tokens = TOKENS_A_CHIP * chips;
        const timeS = RUN_S * (isCandidate ? workload.timeRatio : 1) * Math.exp(0.01 * random.normal());
        const loss = 2.1 * (isCandidate ? design.lossRatio : 1) * Math.exp(0.003 * random.normal());
        const atMs = startMs + night * DAY_MS + 3_600_000;
        return evaluation({
          role,
          sku: isCandidate ? 'own-chip' : 'H100-SXM-80GB',
          run: `${role}-${workload.name}-${String(night).padStart(3, '0')}`,
          workload: { name: workload.name },
          system: { name: `${role} rack`, nodes: 1, chipsPerNode: chips },
          boundary: 'chip',
          startMs: atMs,
          stopMs: atMs + timeS * 1000,
          energyJ,
          timeS,
          energyPerTokenJ: energyJ / tokens,
          work: { unit: 'token', amount: tokens, tokens, basis: 'test' },
          units,
          unitOfAnalysis: 'chip',
          lossCurve: [
            { tokens: 0, loss: 8 },
            { tokens, loss },
          ],
          lossUnit: 'token',
          reliability: {
            chipHours: (chips * timeS) / 3600,
            interruptions: 0,
            mtbfHours: null,
            eccUncorrected: null,
            faults: null,
            sdc: null,
          },
        });
      }),
    );
  }).flat();
}
