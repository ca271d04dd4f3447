import { InputError } from '../errors.ts';
import { toUtf8 } from './lines.ts';

/** One JSON document longer than this is no telemetry, and must not fill the memory. */
export const DOCUMENT_LIMIT_CHARACTERS = 64 * 2 ** 20;

const TOKENS = /"(?:[^"\\]|\\.)*"|-?(?:NaN|Infinity)\b/g;

/**
 * Python writes NaN and Infinity where JSON has no word: there they mean that there is no value, and become null.
 *
 * @throws SyntaxError where the text is no JSON even so.
 */
export function parseLooseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    const plain = json.replace(TOKENS, (token) => (token.startsWith('"') ? token : 'null'));
    if (plain === json) throw error;
    return JSON.parse(plain);
  }
}

/** A value as JSON, to be shown where it could not be read; nested too deeply for that, it is left out. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
}

export interface JsonHandlers {
  /** One top-level value, with the line that it begins on. */
  readonly value: (value: unknown, line: number) => void;
  /** Text that is no JSON: a line of prose before or between values, a value that is cut off or malformed. */
  readonly other: (text: string, line: number) => void;
}

type State = 'between' | 'prose' | 'value';

/** Cuts a text into its top-level JSON objects and arrays, however they follow one another. */
class JsonScanner {
  private state: State = 'between';
  private depth = 0;
  private inString = false;
  private isEscaped = false;
  private line = 1;
  private startLine = 1;
  private parts: string[] = [];
  private length = 0;
  private readonly handlers: JsonHandlers;
  private readonly path: string;

  constructor(handlers: JsonHandlers, path: string) {
    this.handlers = handlers;
    this.path = path;
  }

  write(text: string): void {
    let from = 0;
    for (let i = 0; i < text.length; i += 1) {
      const code = text.charCodeAt(i);
      if (code === LF) this.line += 1;
      if (this.state === 'value') {
        if (!this.closes(code)) continue;
        this.take(text.slice(from, i + 1));
        this.flush();
      } else if (this.state === 'prose') {
        if (code !== LF && code !== CR) continue;
        this.take(text.slice(from, i));
        this.flush();
      } else if (code <= SPACE || code === COMMA || code === BYTE_ORDER_MARK) continue;
      else {
        this.state = code === OPEN_BRACE || code === OPEN_BRACKET ? 'value' : 'prose';
        this.startLine = this.line;
        this.depth = this.state === 'value' ? 1 : 0;
        from = i;
      }
    }
    if (this.state !== 'between') this.take(text.slice(from));
  }

  /** Whether this character ends the value. */
  private closes(code: number): boolean {
    if (this.inString) {
      if (this.isEscaped) this.isEscaped = false;
      else if (code === BACKSLASH) this.isEscaped = true;
      else if (code === QUOTE) this.inString = false;
    } else if (code === QUOTE) this.inString = true;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) this.depth += 1;
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) this.depth -= 1;
    return this.depth === 0;
  }

  private take(text: string): void {
    this.length += text.length;
    if (this.length > DOCUMENT_LIMIT_CHARACTERS) {
      throw new InputError(
        'document-too-long',
        `${this.path}: the JSON value of line ${this.startLine} is longer than ${DOCUMENT_LIMIT_CHARACTERS} characters`,
      );
    }
    this.parts.push(text);
  }

  private flush(): void {
    const text = this.parts.join('');
    const isValue = this.state === 'value';
    this.parts = [];
    this.length = 0;
    this.state = 'between';
    let value: unknown;
    try {
      value = isValue ? parseLooseJson(text) : undefined;
    } catch {
      this.handlers.other(text, this.startLine);
      return;
    }
    if (isValue) this.handlers.value(value, this.startLine);
    else this.handlers.other(text, this.startLine);
  }

  end(): void {
    if (this.state === 'between') return;
    this.state = 'prose';
    this.flush();
  }
}

const LF = 10;
const CR = 13;
const SPACE = 32;
const QUOTE = 34;
const COMMA = 44;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const BYTE_ORDER_MARK = 0xfeff;

/**
 * Hands on the top-level JSON objects and arrays of a stream: one a line, one over many lines, glued together or
 * with prose between them.
 *
 * @throws InputError `document-too-long` beyond `DOCUMENT_LIMIT_CHARACTERS`.
 */
export async function forEachJsonValue(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  handlers: JsonHandlers,
): Promise<void> {
  const scanner = new JsonScanner(handlers, path);
  const decoder = new TextDecoder();
  for await (const chunk of toUtf8(chunks)) scanner.write(decoder.decode(chunk, { stream: true }));
  scanner.write(decoder.decode());
  scanner.end();
}
