import { forEachLine } from './lines.ts';

/** Escape sequences of a terminal: colours and cursor moves. */
const ESCAPES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]`, 'g');
/** What `srun --label` puts before a line: the number of the task. */
const LABEL = /^ *(\d{1,7}): /;

/** A longer line is none of a training log; expressions that look for several words in it would take too long. */
const LONGEST_LINE = 65_536;

export interface LogLine {
  readonly text: string;
  /** Number of the task that printed it, where the launcher says so. */
  readonly label: string | null;
  readonly number: number;
}

/** What AMD's Primus begins its lines with: a local time, and the rank that prints. */
const PRIMUS = /^\s*\[(\d{4})(\d\d)(\d\d) (\d\d:\d\d:\d\d)\]\[rank-(\d+)\/\d+\]/;
/** What collectors of logs put before each line: a time with its zone. */
const COLLECTED = /^\s*\[?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d))\]?(?= )/;

/** The time and the rank that a line of Primus begins with; null for other lines. */
export function primusHead(text: string): { readonly stamp: string; readonly rank: string } | null {
  const [, year, month, day, clock, rank] = PRIMUS.exec(text) ?? [];
  return rank === undefined ? null : { stamp: `${year}-${month}-${day} ${clock}`, rank };
}

/** The time with its zone that a collector put before a line; null where there is none. */
export const collectedStamp = (text: string): string | null => COLLECTED.exec(text)?.[1] ?? null;

export const withoutEscapes = (text: string): string => text.replace(ESCAPES, '');

/**
 * Hands on the lines of a log as a terminal would show them one after another: a progress bar that is drawn again
 * and again behind carriage returns gives a line each time. Without colours and the launcher's label.
 */
export async function forEachLogLine(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  onLine: (line: LogLine) => void,
): Promise<void> {
  await forEachLine(chunks, path, (raw, number) => {
    const whole = withoutEscapes(raw);
    const label = LABEL.exec(whole);
    const text = label ? whole.slice(label[0].length) : whole;
    for (const part of text.split('\r'))
      if (part.length <= LONGEST_LINE) onLine({ text: part, label: label?.[1] ?? null, number });
  });
}
