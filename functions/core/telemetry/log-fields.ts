import * as z from 'zod';
import trainingLogs from '../../../data/aliases/training-logs.json' with { type: 'json' };
import { type Fault, isNull, numberFault, numberIn } from './cell.ts';
import type { RecordSink } from './formats/format.ts';
import { progressRecord } from './progress.ts';
import { applyScale } from './units.ts';

/** What a field of a training log's line is; the first seven stand in a progress record as they are. */
const PROPERTIES = [
  'samples',
  'tokens',
  'stepRealTokens',
  'stepMs',
  'tokensPerSecondPerChip',
  'tflopsPerChip',
  'mfuRatio',
  'step',
  'value',
  'batchSize',
  'skipped',
  'nan',
  'energyPerStepJ',
] as const;
type LogProperty = (typeof PROPERTIES)[number];

const AliasSchema = z.strictObject({
  property: z.enum(PROPERTIES),
  multiply: z.number().positive().default(1),
  divide: z.number().positive().default(1),
});
const LogAliasesSchema = z.record(z.string(), AliasSchema);
export type LogAliases = z.infer<typeof LogAliasesSchema>;

/** Names of the fields of each kind of training log: `data/aliases/training-logs.json`. */
const TRAINING_LOGS = z
  .strictObject({
    source: z.array(z.string().min(1)).min(1),
    megatron: LogAliasesSchema,
    nemo: LogAliasesSchema,
    torchtitan: LogAliasesSchema,
    maxtext: LogAliasesSchema,
  })
  .parse(trainingLogs);

export const MEGATRON = TRAINING_LOGS.megatron;
export const NEMO = TRAINING_LOGS.nemo;
export const TORCHTITAN = TRAINING_LOGS.torchtitan;
export const MAXTEXT = TRAINING_LOGS.maxtext;

/** The numbers of one line; what it does not give, or gives as NaN, is not there. */
export type LogFields = Partial<Record<LogProperty, number>>;

const NO_NUMBER = /^[+-]?(?:nan|inf(?:inity)?)(?:\.0)?$/i;
/** `615.5 (avg 614.9)`: the number of the step, and a running mean. */
const WITH_MEAN = / \(avg [^)]*\)$/;
const THOUSANDS = /^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/;

/**
 * The number in a field of a log: with commas between thousands, a percent sign behind it, or as `now/mean` or
 * `now (avg mean)`, of which the first is meant. NaN where it says that there is none; null where it is neither.
 */
function numberOf(text: string): number | null {
  if (isNull(text)) return Number.NaN;
  const plain = (text.replace(WITH_MEAN, '').split('/')[0] as string).trim().replace(/%$/, '');
  if (NO_NUMBER.test(plain)) return Number.NaN;
  return numberIn(THOUSANDS.test(plain) ? plain.replaceAll(',', '') : plain);
}

/** Reads the named texts of one line by the aliases of its log; the fault in one of them. */
export function readFields(
  pairs: Iterable<readonly [name: string, text: string]>,
  aliases: LogAliases,
): LogFields | Fault {
  const fields: LogFields = {};
  for (const [name, text] of pairs) {
    const alias = Object.hasOwn(aliases, name) ? aliases[name] : undefined;
    if (!alias || alias.property in fields) continue;
    const value = numberOf(text);
    if (value === null || (value < 0 && alias.property !== 'value')) return numberFault(name);
    if (Number.isNaN(value)) continue;
    const scaled = applyScale(value, alias);
    // No log counts that far, and sums of such numbers would be none; a loss may be anything.
    const highest = alias.property === 'value' ? Number.MAX_VALUE : Number.MAX_SAFE_INTEGER;
    if (scaled > highest) return numberFault(name);
    fields[alias.property] = scaled;
  }
  return fields;
}

export const isFault = (fields: LogFields | Fault): fields is Fault => 'reason' in fields;

/** Puts a line of work done into the sink; `skippedSteps` is the total so far. */
export function emitStep(
  sink: RecordSink,
  fields: LogFields,
  { timeMs, skippedSteps = null }: { timeMs: number | null; skippedSteps?: number | null },
): void {
  const { batchSize: _, skipped: __, nan: ___, energyPerStepJ, ...progress } = fields;
  const key = progress.value === undefined ? null : 'loss';
  sink.progress(progressRecord({ kind: 'step', timeMs, key, skippedSteps, ...progress }));
  if (energyPerStepJ === undefined) return;
  const { step = null } = fields;
  sink.progress(
    progressRecord({ kind: 'step', timeMs, step, key: 'energy_per_chip_and_step_j', value: energyPerStepJ }),
  );
}
