import * as z from 'zod';
import { InputError } from '../functions/core/errors.ts';
import { NameSchema } from '../functions/core/telemetry/manifest.ts';

/** Days that CloudWatch Logs can keep a log for. */
const LOG_RETENTION_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] as const;
const WEEKDAYS = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'] as const;
/** What Lambda offers, and what the event source mapping and the map accept. */
const MemorySchema = z.int().min(128).max(10_240);
const QueueConcurrencySchema = z.int().min(2).max(1_000);
const MapConcurrencySchema = z.int().min(1).max(1_000);
const HourSchema = z.int().min(0).max(23);
const DaysSchema = z.int().min(1).max(3_650);

/** Whom a role may be assumed by: named, never everybody. */
const PrincipalSchema = z
  .string()
  .regex(
    /^arn:aws[a-z-]*:iam::\d{12}:(root|(role|user)\/[\w+=,.@/-]+)$/,
    'expected the ARN of an IAM role or user, or of an account (…:root)',
  );

/** One VCPU's worth: reading is bound by one thread. */
const READER_MB = 1_769;
const NIGHT_MB = 4_096;

/**
 * How one deployment differs from another. Programs are no part of it: they are found in the landing bucket, with
 * their policies and prices.
 */
export const StageSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,19}$/, 'expected 1 to 20 of a-z 0-9 -, starting with a letter'),
  account: z
    .string()
    .regex(/^\d{12}$/, 'expected 12 digits')
    .optional()
    .describe('that of the credentials where absent'),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'expected a region such as eu-central-1')
    .optional(),
  retention: z
    .strictObject({
      landingDays: DaysSchema.nullable().default(null).describe('null: uploads are kept'),
      oldVersionsDays: DaysSchema.default(365),
      pointersDays: DaysSchema.default(90).describe('former states of latest.json'),
      accessLogsDays: DaysSchema.default(90),
    })
    .prefault({}),
  schedule: z
    .strictObject({
      nightHourUtc: HourSchema.default(2).describe('after the day’s uploads, before anybody’s morning'),
      weeklyDay: z.enum(WEEKDAYS).default('SUN'),
      weeklyHourUtc: HourSchema.default(5),
    })
    .prefault({}),
  logRetentionDays: z.literal(LOG_RETENTION_DAYS).default(90),
  alarmEmail: z.email().optional(),
  verdictEmail: z.email().optional(),
  kms: z.boolean().default(false).describe('buckets are encrypted with a key of our own'),
  uploaders: z
    .array(z.strictObject({ program: NameSchema, principals: z.array(PrincipalSchema).min(1) }))
    .default([])
    .describe('who may upload to which program'),
  readers: z.array(PrincipalSchema).default([]).describe('who may read reports'),
  ingest: z
    .strictObject({
      memoryMb: MemorySchema.default(READER_MB),
      atOnce: QueueConcurrencySchema.default(50),
    })
    .prefault({}),
  evaluate: z
    .strictObject({
      memoryMb: MemorySchema.default(READER_MB),
      atOnce: QueueConcurrencySchema.default(10),
    })
    .prefault({}),
  night: z
    .strictObject({
      memoryMb: MemorySchema.default(NIGHT_MB),
      runsAtOnce: MapConcurrencySchema.default(20),
      replayRunsAtOnce: MapConcurrencySchema.default(5),
      programsAtOnce: z.int().min(1).max(40).default(4),
      toleratedFailurePercent: z.int().min(0).max(100).default(20),
    })
    .prefault({}),
});
export type Stage = z.infer<typeof StageSchema>;
/** What a file in infra/stages says: everything but the name has a default. */
export type StageInput = z.input<typeof StageSchema>;

/** @throws InputError `stage` that names the stage and every field that is wrong. */
export function parseStage(input: unknown, file: string): Stage {
  const parsed = StageSchema.safeParse(input);
  if (!parsed.success) {
    const issues = parsed.error.issues.map((i) => `${i.path.join('.') || 'the whole'}: ${i.message}`);
    throw new InputError('stage', `stage ${file}: ${issues.join('; ')}`, { cause: parsed.error });
  }
  const { runsAtOnce, replayRunsAtOnce } = parsed.data.night;
  if (replayRunsAtOnce > runsAtOnce)
    throw new InputError(
      'stage',
      `stage ${file}: night.replayRunsAtOnce: ${replayRunsAtOnce} is more than night.runsAtOnce, ${runsAtOnce}; a replay leaves live work its share`,
    );
  return parsed.data;
}
