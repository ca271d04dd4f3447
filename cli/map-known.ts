import { InputError } from '../functions/core/errors.ts';
import { CANONICAL_COLUMNS } from '../functions/core/telemetry/formats/canonical-columns.ts';
import type { Format, RecordSink } from '../functions/core/telemetry/formats/format.ts';
import { sniffFormat } from '../functions/core/telemetry/formats/registry.ts';

/**
 * The format of a file that needs no mapping; null where it has none, or is of one that reads it by a mapping only.
 * Wattline's own formats are told by one name, and refuse others; a panel's CSV is told by its time, and refused
 * where its columns are not named by metrics.
 */
export async function knownFormat(head: string, path: string): Promise<Format | null> {
  const format = sniffFormat(head, path);
  const first = (head.split(/\r?\n/).find((line) => line.trim() !== '') ?? '').replace(/^\ufeff/, '');
  if (format?.id === 'wattline-csv') return areCanonical(first.split(',')) ? format : null;
  if (format?.id === 'wattline-jsonl') return areCanonical(namesIn(first)) ? format : null;
  if (format?.id === 'grafana-csv') return (await needsMapping(format, head, path)) ? null : format;
  return format;
}

const areCanonical = (names: readonly string[]): boolean =>
  names.every((name) => CANONICAL_COLUMNS.includes(name.trim()));

/** Names of a line's JSON object; the line itself where it is none, or holds more than plain values. */
function namesIn(line: string): string[] {
  try {
    const object: unknown = JSON.parse(line);
    const isFlat = Object.values(object ?? {}).every((value) => value === null || typeof value !== 'object');
    return isFlat ? Object.keys(object ?? {}) : [line];
  } catch {
    return [line];
  }
}

/** Takes records and keeps none. */
const NOWHERE: RecordSink = {
  scope: () => 0,
  state: () => {},
  sample: () => {},
  logStart: () => {},
  logStop: () => {},
  estimate: () => {},
  progress: () => {},
  row: () => {},
  note: () => {},
  reject: () => {},
};

/** Whether the format itself asks for a mapping of these lines. A zone that is missing is another question. */
async function needsMapping(format: Format, head: string, path: string): Promise<boolean> {
  const lines = new TextEncoder().encode(head.slice(0, head.lastIndexOf('\n') + 1));
  const chunks = (async function* () {
    yield lines;
  })();
  try {
    await format.read(chunks, { path, rule: { timeZone: '+00:00', node: 'node' } }, NOWHERE);
    return false;
  } catch (error) {
    if (error instanceof InputError) return error.code === 'mapping-missing';
    throw error;
  }
}
