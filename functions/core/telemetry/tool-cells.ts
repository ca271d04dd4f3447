import type { Note } from './formats/format.ts';
import { FIELDS, FIRST_COUNTER, type Field } from './sample.ts';
import type { ToolAliases } from './tool-aliases.ts';

/** `(300Mhz)`, as rocm-smi writes clocks. */
const BARE_CLOCK = /^\(?([\d.]+) ?M[Hh]z\)?$/;
const FURTHER = /^0*[1-9]\d*$/;

/** A clock of rocm-smi as other tools write it: `(300Mhz)` is `300 MHz`. Any other text is left as it is. */
export const bareClock = (text: string): string => text.replace(BARE_CLOCK, '$1 MHz');

/** Numbers that are no reading of this field; counters have none. */
export function sentinelsOf({ sentinels, powerSentinels }: ToolAliases, field: Field): readonly number[] {
  if (FIELDS.indexOf(field) >= FIRST_COUNTER) return [];
  return field === 'power_w' ? [...sentinels, ...powerSentinels] : sentinels;
}

/** Whether this number of a partition is not the first one. What stands there of power is of the whole device. */
export const isFurtherPartition = (text: string): boolean => FURTHER.test(text);

export const PARTITION_NOTE: Note = {
  code: 'entity-left-out',
  severity: 'info',
  message: 'rows of partitions after the first are left out: power and energy belong to the whole GPU',
};
