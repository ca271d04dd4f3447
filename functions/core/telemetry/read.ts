import { InputError } from '../errors.ts';
import type { Format, RandomAccess, RecordSink } from './formats/format.ts';
import { FORMATS, formatById, sniffFormat, sniffJobLog } from './formats/registry.ts';
import type { FileRule } from './manifest.ts';
import { whyUnread } from './unread-formats.ts';

/** What a format is told from: the first decompressed bytes. */
const HEAD_BYTES = 65_536;
/** How far a log of a job is looked for where they tell of no format. Within the chunks whose memory is kept. */
const JOB_LOG_BYTES = 524_288;

/**
 * Reads one decompressed source into the sink, in the format that the manifest's rule names, by its mapping where it
 * has one, or in the format that the first bytes show. `file` is the same source, for formats read from their end.
 *
 * @throws InputError `empty-file`, `format-unknown`, or what the format's reader throws.
 */
export async function readTelemetry(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  rule: Omit<FileRule, 'pattern'>,
  sink: RecordSink,
  file: () => RandomAccess | undefined = () => undefined,
): Promise<Format> {
  const source = chunks[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  await readHead(source, head, HEAD_BYTES);
  if (head.length === 0)
    throw new InputError('empty-file', `${path}: the file is empty; expected telemetry or a training log`);
  const named = formatNamed(rule);
  const first = headText(head);
  let format = named === undefined ? sniffFormat(first, path) : formatById(named);
  if (!format && named === undefined) {
    await readHead(source, head, JOB_LOG_BYTES);
    format = sniffJobLog(headText(head), path);
  }
  format ??= refuse(path, named, first);
  const random = file();
  await format.read(replay(head, source), { path, rule, ...(random ? { file: random } : {}) }, sink);
  return format;
}

/** Adds what follows in the source to its head, until that has `limit` bytes. */
async function readHead(source: AsyncIterator<Uint8Array>, head: Uint8Array[], limit: number): Promise<void> {
  let bytes = head.reduce((sum, chunk) => sum + chunk.length, 0);
  while (bytes < limit) {
    const { value, done } = await source.next();
    if (done) break;
    if (value.length > 0) head.push(value);
    bytes += value.length;
  }
}

/** A mapping says how a file is to be read as well as a format does. */
function formatNamed({ format, mapping }: Omit<FileRule, 'pattern'>): string | undefined {
  return format ?? (mapping && `mapped-${mapping.form}`);
}

function refuse(path: string, named: string | undefined, head: string): never {
  const known = FORMATS.map((f) => f.id).join(', ');
  const why = whyUnread(head);
  throw named === undefined
    ? new InputError(
        'format-unknown',
        why
          ? `${path}: ${why}`
          : `${path}: not recognised as any of ${known}; name the format in run.json if it is one of them, else a mapping of its columns, for which it must be CSV, JSON lines or Parquet`,
      )
    : new InputError(
        'format-unknown',
        `${path}: run.json names the format ${JSON.stringify(named)}; expected one of ${known}`,
      );
}

function headText(head: readonly Uint8Array[]): string {
  const decoder = new TextDecoder(encodingOf(head[0] as Uint8Array));
  return head.map((chunk) => decoder.decode(chunk, { stream: true })).join('');
}

/** By byte order mark; UTF-8 where there is none. */
function encodingOf(first: Uint8Array): string {
  if (first[0] === 0xff && first[1] === 0xfe) return 'utf-16le';
  if (first[0] === 0xfe && first[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}

async function* replay(
  head: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* head;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}
