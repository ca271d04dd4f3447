import * as z from 'zod';
import { NameSchema } from '../../functions/core/telemetry/manifest.ts';
import { isZone } from '../../functions/core/telemetry/time-zone.ts';
import { nightLengthS, SLOT_S } from './slots.ts';

const LogSdSchema = z.number().min(0).max(0.5);
const ShareSchema = z.number().min(0).max(1);
const RatioSchema = z.number().positive().max(10);
/** What a node usually holds, where the number of chips can be divided by it. */
const LARGEST_NODE = 8;
/** A pilot of more runs than this is a mistake in the spec. */
const CHIPS_LIMIT = 4_096;
/** Tokens per second of one baseline chip, where the spec says neither tokens nor batch: an 8B model at half the peak. */
const TOKENS_PER_CHIP_SECOND = 10_000;
const TOKENS_PER_CHIP_STEP = 8_192;
/** Interruptions are drawn step by step and cost time; more than this a run leaves no training between them. */
const INTERRUPTIONS_LIMIT = 3;
const FEWEST_STEPS = 8;
/** The evening that runs must fit into, so that a night does not reach over midnight or a change of clocks. */
const NIGHT_LIMIT_S = 4 * 3_600;
const BUSY_OVER_IDLE = 1.2;
const CHIP_LIMIT_W = 10_000;

const LossSchema = z
  .strictObject({
    floor: z.number().min(0).default(1.7),
    scale: z.number().positive().default(4),
    exponent: z.number().positive().max(2).default(0.3),
    ratio: RatioSchema.default(1).describe('candidate / baseline at equal tokens'),
    runSd: LogSdSchema.default(0.002).describe('between runs, log'),
    stepSd: LogSdSchema.default(0.004).describe('between log lines, log'),
  })
  .describe('loss = floor + scale (tokens / 10^6)^-exponent');

const WorkloadSpecSchema = z.strictObject({
  name: NameSchema,
  precision: z.string().default('bf16'),
  sequenceLength: z.int().positive().default(4_096),
  globalBatchSize: z.int().positive().optional().describe('about 8,192 tokens a baseline chip where absent'),
  parameters: z.number().positive().default(8e9),
  tokensPerRun: z
    .number()
    .positive()
    .optional()
    .describe('rounded to whole steps; 10,000 a second and baseline chip where absent'),
  secondsPerRun: z.number().min(5).max(7_200).default(28).describe('of the baseline'),
  energyPerTokenJ: z.number().positive().default(0.06).describe('of the baseline, at the chip'),
  energyRatio: RatioSchema.optional().describe('energy per token, candidate / baseline'),
  timeRatio: RatioSchema.default(1).describe('time per token of all chips of a side, candidate / baseline'),
  weight: z.number().positive().default(1),
  loss: LossSchema.prefault({}),
});

const SpreadSchema = z.strictObject({
  lotSd: LogSdSchema.default(0.01),
  chipSd: LogSdSchema.default(0.03),
  nightSd: LogSdSchema.default(0.02).describe('of each chip and night'),
});
const ThrottlingSchema = z.strictObject({
  powerShare: ShareSchema.default(0),
  thermalShare: ShareSchema.default(0),
});
const FaultsSchema = z.strictObject({
  uncorrectedEccPerChipHour: z.number().min(0).max(100).default(0.05),
  interruptionsPerChipHour: z.number().min(0).max(100).default(0.1),
});
const SideSchema = z.strictObject({
  sku: z.string().min(1),
  chips: z.int().positive().max(CHIPS_LIMIT).default(24),
  lots: z.int().positive().max(100).default(3),
  bins: z.int().positive().max(20).default(3).describe('by the energy of the chip; 0 takes least'),
  stepping: z.string().min(1),
  firmware: z.string().min(1),
  pricePerChipHourUsd: z.number().positive(),
  idleW: z.number().positive().default(110),
  clockMhz: z.number().positive().max(5_000),
  spread: SpreadSchema.prefault({}),
  throttling: ThrottlingSchema.prefault({}),
  faults: FaultsSchema.prefault({}),
});

/** Every field has a default; what a pilot is made of. Effects are natural logarithms unless they say ratio. */
const RawSpecSchema = z.strictObject({
  schema: z.literal('wattline/pilot-spec@1').default('wattline/pilot-spec@1'),
  seed: z.int().min(0).default(1),
  program: NameSchema.default('simulated-pilot'),
  firstNight: z.iso.date().default('2026-01-24'),
  nights: z.int().positive().max(3_650).default(60),
  runsPerNight: z.int().positive().max(20).default(1).describe('of each workload and side'),
  timeZone: z.string().refine(isZone, 'expected an IANA zone or an offset').default('Europe/Berlin'),
  startHour: z.int().min(0).max(23).default(20).describe('local'),
  chipsPerNode: z
    .int()
    .positive()
    .optional()
    .describe('where absent: the most, up to 8, that both sides divide by'),
  candidate: SideSchema.extend({
    sku: z.string().min(1).default('SIM-CHIP-1'),
    stepping: z.string().min(1).default('A0'),
    firmware: z.string().min(1).default('0.9.3'),
    pricePerChipHourUsd: z.number().positive().default(1),
    clockMhz: z.number().positive().max(5_000).default(1_400),
  }).prefault({}),
  baseline: SideSchema.extend({
    sku: z.string().min(1).default('H100-SXM-80GB'),
    stepping: z.string().min(1).default('A1'),
    firmware: z.string().min(1).default('96.00.A5.00.01'),
    pricePerChipHourUsd: z.number().positive().default(1.3),
    clockMhz: z.number().positive().max(5_000).default(1_755),
    lots: z.int().positive().max(100).default(4),
  }).prefault({}),
  energyRatio: RatioSchema.default(0.9).describe('of every workload that states none'),
  workloads: z
    .array(WorkloadSpecSchema)
    .min(1)
    .refine((all) => new Set(all.map((w) => w.name)).size === all.length, 'names of workloads must differ')
    .prefault([
      { name: 'llm-8b-pretrain', weight: 0.7 },
      {
        name: 'llm-8b-long-context',
        sequenceLength: 16_384,
        energyPerTokenJ: 0.064,
        timeRatio: 1.03,
        weight: 0.3,
        loss: { floor: 1.6 },
      },
    ]),
  commonNightSd: LogSdSchema.default(0.015).describe('weather: the same for both sides of a night'),
  baselineDriftPerDay: z.number().min(-0.05).max(0.05).default(0).describe('of the baseline alone'),
  stepTimeSd: LogSdSchema.default(0.004).describe('of each run'),
  weather: z
    .strictObject({
      meanC: z.number().min(-20).max(45).default(24),
      diurnalC: z.number().min(0).max(20).default(4).describe('half of the way from coldest to warmest'),
      loadC: z.number().min(0).max(70).default(38).describe('of a chip above the hall, at full load'),
    })
    .prefault({}),
  restarts: z
    .strictObject({
      seconds: z.number().min(4).max(3_600).default(12).describe('from the interruption to the next step'),
      checkpointSteps: z.int().min(2).default(10),
    })
    .prefault({}),
  telemetry: z
    .strictObject({
      periodMs: z.int().min(100).max(60_000).default(1_000),
      idleS: z.number().min(0).max(600).default(2).describe('before and after each run, at idle power'),
      noiseSd: z.number().min(0).max(0.2).default(0.005).describe('of a power reading, relative'),
      dirtyShare: z.number().min(0).max(0.01).default(0.001).describe('rows that cannot be read'),
      gpuFormat: z.enum(['alternate', 'nvidia-smi', 'dcgm']).default('alternate').describe('by node'),
      candidateLog: z.enum(['wattline-jsonl', 'mllog', 'alternate']).default('wattline-jsonl'),
    })
    .prefault({}),
  policy: z.record(z.string(), z.unknown()).optional().describe('written as the policy.json of the program'),
  ramp: z.record(z.string(), z.unknown()).optional().describe('written as the ramp.json of the program'),
});
type RawSpec = z.output<typeof RawSpecSchema>;

const divides = (size: number, spec: RawSpec): boolean =>
  spec.candidate.chips % size === 0 && spec.baseline.chips % size === 0;

/** Fills what follows from the number of chips, so that a pilot of two chips is as plausible as one of a hundred. */
function derived(spec: RawSpec) {
  let chipsPerNode = spec.chipsPerNode ?? LARGEST_NODE;
  while (spec.chipsPerNode === undefined && !divides(chipsPerNode, spec)) chipsPerNode -= 1;
  const workloads = spec.workloads.map((workload) => {
    const { sequenceLength, secondsPerRun } = workload;
    const globalBatchSize =
      workload.globalBatchSize ??
      Math.max(1, Math.round((TOKENS_PER_CHIP_STEP * spec.baseline.chips) / sequenceLength));
    const tokens = workload.tokensPerRun ?? TOKENS_PER_CHIP_SECOND * spec.baseline.chips * secondsPerRun;
    const steps = Math.max(1, Math.round(tokens / (globalBatchSize * sequenceLength)));
    const energyRatio = workload.energyRatio ?? spec.energyRatio;
    return {
      ...workload,
      energyRatio,
      globalBatchSize,
      tokensPerRun: steps * globalBatchSize * sequenceLength,
      steps,
    };
  });
  return { ...spec, chipsPerNode, workloads };
}

type Derived = ReturnType<typeof derived>;
type Refusal = (path: (string | number)[], message: string) => void;

const short = (value: number): string => String(Number(value.toPrecision(4)));

function checkWorkload(spec: Derived, at: number, refuse: Refusal): void {
  const workload = spec.workloads[at] as Derived['workloads'][number];
  const { steps, tokensPerRun, secondsPerRun, energyPerTokenJ, energyRatio, timeRatio } = workload;
  if (steps < FEWEST_STEPS)
    refuse(
      ['workloads', at, 'tokensPerRun'],
      `${steps} steps a run; expected at least ${FEWEST_STEPS}: more tokens, or a smaller globalBatchSize`,
    );
  for (const role of ['candidate', 'baseline'] as const) {
    const { chips, idleW, faults } = spec[role];
    const isCandidate = role === 'candidate';
    const runS = secondsPerRun * (isCandidate ? timeRatio : 1);
    const powerW = (energyPerTokenJ * (isCandidate ? energyRatio : 1) * tokensPerRun) / chips / runS;
    if (powerW < BUSY_OVER_IDLE * idleW || powerW > CHIP_LIMIT_W)
      refuse(
        ['workloads', at, 'energyPerTokenJ'],
        `comes to ${short(powerW)} W a ${role} chip; expected from ${short(BUSY_OVER_IDLE * idleW)} (${BUSY_OVER_IDLE} times its idle power) to ${CHIP_LIMIT_W} W`,
      );
    const interruptions = (faults.interruptionsPerChipHour * chips * runS) / 3_600;
    if (interruptions > INTERRUPTIONS_LIMIT)
      refuse(
        [role, 'faults', 'interruptionsPerChipHour'],
        `comes to ${short(interruptions)} interruptions a run of ${workload.name}; expected at most ${INTERRUPTIONS_LIMIT}`,
      );
  }
}

function check(spec: Derived, refuse: Refusal): void {
  if (!divides(spec.chipsPerNode, spec))
    refuse(
      ['chipsPerNode'],
      `${spec.chipsPerNode} a node does not divide ${spec.candidate.chips} and ${spec.baseline.chips} chips; expected a divisor of both`,
    );
  for (const at of spec.workloads.keys()) checkWorkload(spec, at, refuse);
  for (const role of ['candidate', 'baseline'] as const) {
    const { powerShare, thermalShare } = spec[role].throttling;
    if (powerShare + thermalShare > 1)
      refuse(
        [role, 'throttling'],
        `shares of ${powerShare} and ${thermalShare}; expected a sum of at most 1`,
      );
  }
  if (nightLengthS(spec) > NIGHT_LIMIT_S)
    refuse(
      ['runsPerNight'],
      `the runs of a night take ${short(nightLengthS(spec) / 3_600)} h in slots of ${SLOT_S / 60} min; expected at most ${NIGHT_LIMIT_S / 3_600} h`,
    );
}

/** A spec as it is written, with what follows from its numbers filled in. */
export const PilotSpecSchema = RawSpecSchema.transform(derived).superRefine((spec, context) =>
  check(spec, (path, message) => context.addIssue({ code: 'custom', path, message })),
);
export type PilotSpec = z.output<typeof PilotSpecSchema>;
export type PilotSpecInput = z.input<typeof PilotSpecSchema>;
export type WorkloadSpec = PilotSpec['workloads'][number];
export type Role = 'candidate' | 'baseline';
export const ROLES: readonly Role[] = ['candidate', 'baseline'];
