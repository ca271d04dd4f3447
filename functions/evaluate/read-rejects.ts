import type { InputRejects } from '../core/efficiency/evaluation.ts';
import type { Receipt } from '../core/telemetry/receipt.ts';
import type { ObjectStore } from '../platform/object-store.ts';
import { rejectGroups } from '../platform/quarantine.ts';

/** Reasons of one file that a result tells apart, and how much of an example row it keeps. */
const REASONS = 12;
const RAW_CHARACTERS = 160;
/** Files whose quarantine is opened: a run whose every file is bad says so by their counts. */
const FILES = 50;

const cut = (text: string): string =>
  text.length > RAW_CHARACTERS ? `${text.slice(0, RAW_CHARACTERS)}…` : text;

/** Why rows of a run's files were rejected, by path. */
export async function readRejects(
  lake: ObjectStore,
  receipts: readonly Receipt[],
): Promise<ReadonlyMap<string, readonly InputRejects[]>> {
  const found = new Map<string, InputRejects[]>();
  for (const receipt of receipts.filter((r) => r.rejected > 0).slice(0, FILES)) {
    const groups = await rejectGroups(lake, receipt);
    found.set(
      receipt.path,
      groups.slice(0, REASONS).map(({ reason, column, rows, example }) => ({
        ...{ reason, column, rows, line: example.line, expected: example.expected, raw: cut(example.raw) },
      })),
    );
  }
  return found;
}
