import { InputError } from '../errors.ts';
import { LINE_LIMIT_BYTES, toUtf8 } from './lines.ts';

/** Says a line of a table that was printed for people as a line of CSV; blank for what is no part of the table. */
export type LineToCsv = (line: string) => string;

/** A cell of CSV from printed text: what would part or quote cells is blank. */
export const csvCell = (text: string): string => text.replace(/[",]/g, ' ').trim();

/**
 * A stream with each line said anew, so that a printed table is read as the CSV of the same tool. Lines keep their
 * numbers.
 *
 * @throws InputError `line-too-long` beyond `LINE_LIMIT_BYTES`.
 */
export async function* asCsv(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  say: LineToCsv,
): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let rest = '';
  for await (const chunk of toUtf8(chunks)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LINE_LIMIT_BYTES)
      throw new InputError(
        'line-too-long',
        `${path}: a line is longer than ${LINE_LIMIT_BYTES} bytes; expected lines of text`,
      );
    if (lines.length > 0) yield encoder.encode(lines.map((line) => `${say(line.trimEnd())}\n`).join(''));
  }
  rest += decoder.decode();
  if (rest !== '') yield encoder.encode(say(rest.trimEnd()));
}
