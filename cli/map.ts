import { open } from 'node:fs/promises';
import { InputError } from '../functions/core/errors.ts';
import type { RandomAccess } from '../functions/core/telemetry/formats/format.ts';
import type { FileRule } from '../functions/core/telemetry/manifest.ts';
import { sampleOfParquet } from '../functions/core/telemetry/map/parquet-sample.ts';
import { type Proposal, proposeMapping } from '../functions/core/telemetry/map/proposal.ts';
import { type FileSample, sampleOfText } from '../functions/core/telemetry/map/sample.ts';
import { isParquet } from '../functions/core/telemetry/parquet/open.ts';
import { whyUnread } from '../functions/core/telemetry/unread-formats.ts';
import { decompress, innerPath } from '../functions/platform/decompress.ts';
import { decompressPage } from '../functions/platform/parquet-codec.ts';
import { knownFormat } from './map-known.ts';
import { printProposal } from './map-print.ts';
import { patternOf, writeRule } from './run-rule.ts';
import { say, sayJson } from './terminal.ts';
import { boundaryOption, checkFile, zoneOption } from './usage.ts';

export interface MapOptions {
  readonly run?: string;
  readonly pattern?: string;
  readonly timeZone?: string;
  readonly boundary?: string;
  readonly json?: boolean;
}

/** A proposal is made from so much of a file. */
const HEAD_BYTES = 256 * 1024;

/** `wattline map`: what the columns of an unknown file could mean, as a mapping for run.json. */
export async function mapCommand(file: string, options: MapOptions): Promise<void> {
  checkFile(file);
  const path = innerPath(file.replaceAll('\\', '/'));
  const { head, isWhole } = await headOf(file);
  const format = await knownFormat(head, path);
  const pattern = options.pattern ?? patternOf(path, options.run);
  const stated = statedRule(pattern, options);
  if (format && !options.json) {
    say(`${file}: ${format.title} (${format.id}), a known format; it needs no mapping`);
    writeStated(stated, options.run);
    return;
  }
  const sample = format ? null : await sampleOf(file, path, head, isWhole);
  const proposal = sample && proposeMapping(sample, path);
  const why = proposal && !proposal.mapping ? whyUnread(head) : null;
  if (why) throw new InputError('format-unknown', `${file}: ${why}`);
  const rule = proposal && ruleOf(proposal, stated);
  if (options.json) {
    const { table = [], questions = [] } = proposal ?? {};
    sayJson({
      file,
      format: format?.id ?? null,
      rule,
      columns: table,
      questions: unanswered(questions, rule),
    });
  } else if (proposal && rule) {
    printProposal(file, { ...proposal, questions: unanswered(proposal.questions, rule) }, rule, options.run);
  }
  if (!options.run || !proposal || !rule) return;
  if (!proposal.mapping)
    throw new InputError('mapping', `${file}: nothing was recognised to write into ${options.run}`);
  writeRule(options.run, rule);
}

/** What the options say of the file, which no format says of itself. */
function statedRule(pattern: string, options: MapOptions): FileRule {
  const timeZone = zoneOption(options.timeZone);
  const boundary = boundaryOption(options.boundary);
  return { pattern, ...(timeZone ? { timeZone } : {}), ...(boundary ? { boundary } : {}) };
}

/** A file that needs no mapping may need a boundary or a zone all the same. */
function writeStated(rule: FileRule, run: string | undefined): void {
  const { pattern, ...stated } = rule;
  if (run === undefined || Object.keys(stated).length === 0) return;
  writeRule(run, rule);
  const what = Object.entries(stated).map(([name, value]) => `${name} ${value}`);
  say(`Written to ${run} for "${pattern}": ${what.join(', ')}`);
}

function ruleOf(proposal: Proposal, stated: FileRule): FileRule {
  return {
    ...stated,
    ...(proposal.columns ? { columns: [...proposal.columns] } : {}),
    ...(proposal.mapping ? { mapping: proposal.mapping } : {}),
  };
}

const unanswered = (questions: Proposal['questions'], rule: FileRule | null): Proposal['questions'] =>
  questions.filter(({ about }) => rule === null || !Object.hasOwn(rule, about) || about === 'columns');

async function headOf(file: string): Promise<{ head: string; isWhole: boolean }> {
  const handle = await open(file);
  let bytes = 0;
  let head: Buffer = Buffer.alloc(0);
  let isWhole = true;
  for await (const chunk of decompress(handle.createReadStream(), file)) {
    head = Buffer.concat([head, chunk]);
    bytes += chunk.length;
    if (bytes < HEAD_BYTES) continue;
    isWhole = false;
    break;
  }
  return { head: textOf(head), isWhole };
}

/** UTF-16 by its byte order mark, else UTF-8. */
function textOf(bytes: Buffer): string {
  const isLittle = bytes[0] === 0xff && bytes[1] === 0xfe;
  const isBig = bytes[0] === 0xfe && bytes[1] === 0xff;
  return new TextDecoder(isLittle ? 'utf-16le' : isBig ? 'utf-16be' : 'utf-8').decode(bytes);
}

async function sampleOf(file: string, path: string, head: string, isWhole: boolean): Promise<FileSample> {
  if (isParquet(head)) return parquetSample(file, path);
  // The last line of a head is cut.
  const text = isWhole ? head : head.slice(0, head.lastIndexOf('\n') + 1);
  const sample = await sampleOfText(text, path);
  if (sample) return sample;
  throw new InputError(
    'format-unknown',
    `${file}: ${whyUnread(head) ?? 'neither a table nor JSON nor Parquet; expected one of them'}`,
  );
}

async function parquetSample(file: string, path: string): Promise<FileSample> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const access: RandomAccess = {
      sizeBytes: size,
      decompress: decompressPage,
      slice: async (first, last) => {
        const bytes = Buffer.alloc(last - first + 1);
        await handle.read(bytes, 0, bytes.length, first);
        return bytes;
      },
    };
    return await sampleOfParquet(access, path);
  } finally {
    await handle.close();
  }
}
