import { InputError } from '../errors.ts';
import { toUtf8 } from './lines.ts';

/** A longer tag or text is no telemetry, and must not fill the memory. */
const TOKEN_LIMIT_CHARACTERS = 65_536;
const LONGEST_END = '-->'.length;
/** Elements that lie deeper than this are passed over. */
const DEPTH_LIMIT = 32;

export interface XmlHandlers {
  /** An element begins; `attributes` is the text behind its name. */
  readonly open: (path: readonly string[], attributes: string, line: number) => void;
  /** Text of an element, trimmed, not empty; the five entities of XML are read, no others. */
  readonly text: (path: readonly string[], text: string) => void;
  /** An element ends; `path` still holds it. */
  readonly close: (path: readonly string[]) => void;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const plain = (text: string): string =>
  text.includes('&')
    ? text.replace(/&(lt|gt|amp|quot|apos);/g, (_, name: string) => ENTITIES[name] ?? '')
    : text;

/** Finds the tags in a text that comes in pieces. Documents may follow one another, and may be cut. */
class XmlScanner {
  private readonly handlers: XmlHandlers;
  private readonly file: string;
  private readonly path: string[] = [];
  private beyond = 0;
  private line = 1;
  private rest = '';
  private looked = 0;

  constructor(handlers: XmlHandlers, file: string) {
    this.handlers = handlers;
    this.file = file;
  }

  write(piece: string): void {
    const text = this.rest + piece;
    let from = 0;
    for (let next = this.next(text, from); next >= 0; next = this.next(text, from)) {
      this.token(text.slice(from, next));
      from = next;
    }
    this.looked = text.length - from;
    this.rest = text.slice(from);
    if (this.rest.length > TOKEN_LIMIT_CHARACTERS)
      throw new InputError(
        'xml-token-too-long',
        `${this.file}: the tag or text at line ${this.line} is longer than ${TOKEN_LIMIT_CHARACTERS} characters; expected elements`,
      );
  }

  /** Where the token that begins at `from` ends; -1 where the end is still to come. */
  private next(text: string, from: number): number {
    if (from >= text.length) return -1;
    const since = Math.max(from, this.looked - LONGEST_END + from);
    this.looked = 0;
    if (text[from] !== '<') return text.indexOf('<', since);
    const end = text.startsWith('<!--', from) ? '-->' : '>';
    const at = text.indexOf(end, since);
    return at < 0 ? -1 : at + end.length;
  }

  private token(token: string): void {
    if (!token.startsWith('<')) this.content(token);
    else if (token.startsWith('</')) this.end(token.slice(2, -1).trim());
    else if (token.startsWith('<?xml')) this.restart();
    else if (!token.startsWith('<!') && !token.startsWith('<?')) this.begin(token);
    for (let at = token.indexOf('\n'); at >= 0; at = token.indexOf('\n', at + 1)) this.line += 1;
  }

  private content(token: string): void {
    const text = token.trim();
    if (text !== '' && this.beyond === 0 && this.path.length > 0) this.handlers.text(this.path, plain(text));
  }

  /** A document begins; what is open of the one before was cut, and is not closed. */
  private restart(): void {
    this.path.length = 0;
    this.beyond = 0;
  }

  private begin(token: string): void {
    const isEmpty = token.endsWith('/>');
    const [name = '', ...attributes] = token.slice(1, isEmpty ? -2 : -1).split(/\s+/);
    if (name === this.path[0]) this.restart();
    if (this.path.length >= DEPTH_LIMIT) {
      this.beyond += isEmpty ? 0 : 1;
      return;
    }
    this.path.push(name);
    this.handlers.open(this.path, attributes.join(' '), this.line);
    if (isEmpty) this.end(name);
  }

  /** Ends the element of this name and, where their ends are missing, those in it. Others do not exist. */
  private end(name: string): void {
    if (this.beyond > 0) {
      this.beyond -= 1;
      return;
    }
    if (!this.path.includes(name)) return;
    for (let ended = ''; ended !== name; ) {
      this.handlers.close(this.path);
      ended = this.path.pop() as string;
    }
  }
}

/**
 * Hands on the elements of a stream of XML documents. There is no more of XML in it than tools write that print
 * their state: no DTD is read, no entity expanded beyond the five.
 *
 * @throws InputError `xml-token-too-long`.
 */
export async function forEachXmlElement(
  chunks: AsyncIterable<Uint8Array>,
  file: string,
  handlers: XmlHandlers,
): Promise<void> {
  const scanner = new XmlScanner(handlers, file);
  const decoder = new TextDecoder();
  for await (const chunk of toUtf8(chunks)) scanner.write(decoder.decode(chunk, { stream: true }));
  scanner.write(decoder.decode());
}
