import { forEachLine, toUtf8 } from '../lines.ts';
import { MARK, type MllogPart, mllogParts, objectEnd, parseOne } from './mllog.ts';

const LF = 10;
const CR = 13;

/** Text before a record that its launcher puts before each line of a process: `0: `, `node01: `, `[3] `. */
const LABEL = /^(?:\[\w.-]{1,64}\]:?|[\w.-]{1,64}:) ?$/;

/** A record that its line does not finish, and what stands before it. */
interface Cut {
  readonly raw: string;
  readonly label: string;
  readonly line: string;
  readonly number: number;
}

type OnParts = (parts: readonly MllogPart[], number: number, line: string) => void;

/** Puts records together again that a launcher cut in two, half of them on the next line. */
class CutRecords {
  private cut: Cut | null = null;
  private readonly onParts: OnParts;

  constructor(onParts: OnParts) {
    this.onParts = onParts;
  }

  line(line: string, number: number): void {
    const rest = this.join(line);
    const parts = mllogParts(rest);
    const last = parts.at(-1);
    if (last && 'error' in last && objectEnd(last.raw, Math.max(0, last.raw.indexOf('{'))) < 0) {
      parts.pop();
      const before = rest.slice(0, rest.length - last.raw.length);
      this.cut = { raw: last.raw, label: LABEL.test(before) ? before : '', line, number };
    }
    this.onParts(parts, number, line);
  }

  /** What is left of a line behind the second half of the record before it. */
  private join(line: string): string {
    const { cut } = this;
    if (!cut) return line;
    this.cut = null;
    const half = line.startsWith(cut.label) ? line.slice(cut.label.length) : line;
    const joined = cut.raw + half;
    const from = joined.indexOf('{');
    const end = from < 0 ? -1 : objectEnd(joined, from);
    const part = end > cut.raw.length ? parseOne(joined.slice(from, end), cut.raw) : null;
    if (part && 'record' in part && joined.indexOf(MARK, MARK.length + 1) < 0) {
      this.onParts([part], cut.number, cut.line);
      return joined.slice(end);
    }
    this.refuse(cut);
    return line;
  }

  private refuse({ raw, number, line }: Cut): void {
    this.onParts([{ error: 'one JSON object after :::MLLOG, complete', raw }], number, line);
  }

  end(): void {
    if (this.cut) this.refuse(this.cut);
  }
}

/** The returns by which progress bars write over their line as line ends: hours of them are one line otherwise. */
async function* returnsAsLineEnds(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let isHeld = false;
  for await (const chunk of toUtf8(chunks)) {
    if (chunk.length === 0) continue;
    const bytes: Uint8Array = new Uint8Array(chunk.length + (isHeld ? 1 : 0));
    if (isHeld) bytes[0] = CR;
    bytes.set(chunk, isHeld ? 1 : 0);
    isHeld = bytes.at(-1) === CR;
    for (let at = bytes.indexOf(CR); at >= 0 && at < bytes.length - 1; at = bytes.indexOf(CR, at + 1))
      if (bytes[at + 1] !== LF) bytes[at] = LF;
    yield isHeld ? bytes.subarray(0, -1) : bytes;
  }
}

/**
 * Hands on the records of each line of a log, with the line and its number; a lone return ends a line too. Where a
 * record is cut, its other half is looked for at the begin of the next line, behind the same label.
 *
 * @throws InputError `line-too-long`, as `forEachLine`.
 */
export async function forEachMllogLine(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  onParts: OnParts,
): Promise<void> {
  const records = new CutRecords(onParts);
  await forEachLine(returnsAsLineEnds(chunks), path, (line, number) => records.line(line, number));
  records.end();
}
