import * as z from 'zod';
import { AliasesSchema } from './aliases.ts';
import { FIELDS } from './sample.ts';
import { scaleOf } from './units.ts';

const NamesSchema = z.array(z.string().min(1)).min(1);

/** Names of the columns (or keys) of a vendor's tool: `data/aliases`. They are compared without regard to case. */
export const ToolAliasesSchema = AliasesSchema.extend({
  time: z.array(z.string()).default([]),
  /** Columns of time that wrappers add; read where what they hold is a time. */
  wrapperTimes: z.array(z.string()).default([]),
  /** What tells the devices apart. */
  names: z.strictObject({
    uuid: NamesSchema.optional(),
    serial: NamesSchema.optional(),
    busId: NamesSchema.optional(),
    index: NamesSchema.optional(),
    /** The host, in files of several. */
    node: NamesSchema.optional(),
  }),
  /** Further spellings of "no reading". */
  nulls: z.array(z.string().toLowerCase()).default([]),
  /** Numbers that mean "no reading" in gauges. */
  sentinels: z.array(z.number()).default([]),
  /** Numbers that mean so in power alone: a chip that is there never draws them. */
  powerSentinels: z.array(z.number()).default([]),
  /** Columns that number the partition of a device: what is read belongs to the whole device, which is number 0. */
  partitions: z.array(z.string()).default([]),
  /** Power of a module, in W: it holds more than the chip, and is read only where there is nothing else. */
  modulePower: z.array(z.string()).default([]),
  /** Fields that several columns give together. Of two entries of a field the first one is read. */
  combined: z
    .array(
      z.strictObject({
        field: z.enum(FIELDS),
        by: z.enum(['largest', 'sum']),
        unit: z.string().refine((unit) => scaleOf(unit) !== null, 'expected a unit of units.ts'),
        names: NamesSchema,
      }),
    )
    .default([]),
});
export type ToolAliases = z.infer<typeof ToolAliasesSchema>;
export type Combined = ToolAliases['combined'][number];
export type DeviceName = Exclude<keyof ToolAliases['names'], 'node'>;

/** What tells devices apart, best first. */
export const DEVICE_NAMES: readonly DeviceName[] = ['uuid', 'serial', 'busId', 'index'];
