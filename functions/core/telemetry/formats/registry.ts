import { canonicalCsv } from './canonical-csv.ts';
import { canonicalJsonl } from './canonical-jsonl.ts';
import type { Format } from './format.ts';
import { mlperfPower } from './mlperf-power.ts';
import { mlperfResults } from './mlperf-results.ts';

/** Every format that Wattline reads; one file each. */
export const FORMATS: readonly Format[] = [mlperfPower, mlperfResults, canonicalCsv, canonicalJsonl];

export const formatById = (id: string): Format | null => FORMATS.find((format) => format.id === id) ?? null;

/** The first format that recognises a file by its first bytes and path; null where none does. */
export const sniffFormat = (head: string, path: string): Format | null =>
  FORMATS.find((format) => format.sniff(head, path)) ?? null;
