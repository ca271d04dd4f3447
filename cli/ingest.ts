import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { InputError } from '../functions/core/errors.ts';
import { joules, watts } from '../functions/core/report/format.ts';
import type { FileRule, RunManifest } from '../functions/core/telemetry/manifest.ts';
import { type Receipt, ReceiptSchema } from '../functions/core/telemetry/receipt.ts';
import { collect } from '../functions/platform/bytes.ts';
import { prettyJson } from '../functions/platform/hash.ts';
import { parseJson } from '../functions/platform/landing.ts';
import { landingKey, manifestKey } from '../functions/platform/layout.ts';
import { jsonLog } from '../functions/platform/log.ts';
import { memoryStores, Pipeline } from './pipeline.ts';
import { say, sayJson } from './terminal.ts';
import { boundaryOption, checkFile, zoneOption } from './usage.ts';
import { WorkProgress } from './work-progress.ts';

export interface IngestOptions {
  readonly json?: boolean;
  readonly timeZone?: string;
  readonly clockOffsetMs?: string;
  readonly format?: string;
  readonly boundary?: string;
  readonly verbose?: boolean;
}

const PLACE = { program: 'files', run: 'files' };

/** What a manifest would say of the files, from the command line. */
function ruleOf(options: IngestOptions): FileRule {
  const boundary = boundaryOption(options.boundary);
  const timeZone = zoneOption(options.timeZone);
  const { format } = options;
  const clockOffsetMs = options.clockOffsetMs === undefined ? undefined : Number(options.clockOffsetMs);
  if (clockOffsetMs !== undefined && !Number.isFinite(clockOffsetMs))
    throw new InputError(
      'usage',
      `--clock-offset-ms ${JSON.stringify(options.clockOffsetMs)}: expected a number`,
    );
  return {
    pattern: '**',
    ...(boundary ? { boundary } : {}),
    ...(timeZone ? { timeZone } : {}),
    ...(format ? { format } : {}),
    ...(clockOffsetMs === undefined ? {} : { clockOffsetMs }),
  };
}

/** `wattline ingest`: files through the ingest handler; their receipts. */
export async function ingestCommand(files: readonly string[], options: IngestOptions): Promise<void> {
  const manifest: RunManifest = {
    schema: 'wattline/run@1',
    ...PLACE,
    role: 'baseline',
    sku: 'unknown',
    workload: { name: 'unknown' },
    workUnit: 'sample',
    system: { name: 'unknown', nodes: 1 },
    files: [ruleOf(options)],
  };
  const stores = memoryStores();
  const progress = new WorkProgress(stores);
  const pipeline = new Pipeline(
    progress.stores,
    jsonLog((line) => (options.verbose ? void process.stderr.write(`${line}\n`) : undefined)),
  );
  await stores.landing.put(manifestKey(PLACE.program, PLACE.run), prettyJson(manifest));
  for (const [i, file] of files.entries()) {
    checkFile(file);
    await pipeline.stores.landing.put(
      landingKey(PLACE.program, PLACE.run, `${i}/${basename(file)}`),
      readFileSync(file),
    );
  }
  await pipeline.drain();
  progress.clear();
  const receipts = await receiptsOf(stores.lake, files);
  if (options.json) sayJson(files.length === 1 ? receipts[0] : receipts);
  else receipts.forEach(print);
  const refused = receipts.find((r) => r.refusal);
  // The receipt has the path that the file was uploaded to; the user knows another.
  if (refused?.refusal)
    throw new InputError(
      refused.refusal.code,
      refused.refusal.message.replace(refused.path, () => refused.file),
    );
}

type NamedReceipt = Receipt & { readonly file: string };

async function receiptsOf(
  lake: ReturnType<typeof memoryStores>['lake'],
  files: readonly string[],
): Promise<NamedReceipt[]> {
  const receipts: NamedReceipt[] = [];
  for await (const { key } of lake.list('receipts/')) {
    const object = await lake.get(key);
    const receipt = parseJson(ReceiptSchema, Buffer.from(await collect(object.body)).toString('utf8'), key);
    const at = Number(receipt.path.split('/')[0]);
    receipts.push({ ...receipt, file: files[at] ?? receipt.path });
  }
  return receipts.sort((a, b) => files.indexOf(a.file) - files.indexOf(b.file));
}

function print(receipt: NamedReceipt): void {
  say(
    `${receipt.file}: ${receipt.status}${receipt.format ? `, ${receipt.format}` : ''}, ${receipt.rows} rows, ${receipt.rejected} rejected`,
  );
  for (const s of receipt.scopes) {
    const what =
      s.estimatedPowerW === null
        ? `${s.samples} samples, ${joules(s.energyJ)}, mean ${watts(s.meanPowerW)}`
        : `estimated ${watts(s.estimatedPowerW)}`;
    say(`  ${s.id} (${s.boundary}): ${what}`);
  }
}
