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
