import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { findBaseline } from '../functions/core/efficiency/baselines.ts';
import { InputError } from '../functions/core/errors.ts';
import type { Boundary } from '../functions/core/telemetry/boundary.ts';
import { mlperfPower } from '../functions/core/telemetry/formats/mlperf-power.ts';
import { mlperfResults } from '../functions/core/telemetry/formats/mlperf-results.ts';
import type { FileRule, RunManifest } from '../functions/core/telemetry/manifest.ts';
import type { ProgressRecord } from '../functions/core/telemetry/progress.ts';
import { foldRun, type RunProgress } from '../functions/core/telemetry/progress-fold.ts';
import { SourceReading, type SourceScope } from '../functions/core/telemetry/source-reading.ts';
import { decompress, innerPath } from '../functions/platform/decompress.ts';
import { parseJson } from '../functions/platform/landing.ts';
import { filesBelow, isFolder, type RunUpload } from './run-files.ts';

/** Runs dropped at each end; MLPerf asks for forty runs of 3D U-Net and drops four. */
const DROPPED_EACH_END: Record<string, number> = { unet3d: 4 };
const DROPPED_DEFAULT = 1;

const ScalingSchema = z.looseObject({ scaling_factor: z.number().positive().optional() });
const SystemSchema = z.looseObject({
  system_name: z.string().optional(),
  number_of_nodes: z.union([z.string(), z.number()]).optional(),
  accelerators_per_node: z.union([z.string(), z.number()]).optional(),
  accelerator_model_name: z.string().optional(),
});

export interface ImportOptions {
  readonly program: string;
  readonly role: 'candidate' | 'baseline';
  /** Before the name of each run, so that two folders do not collide. */
  readonly prefix?: string;
  readonly boundary?: Boundary;
}

/** What descriptions of systems say where they say nothing. */
const NOT_SAID = /^\s*(?:n\/?a|none|null|tbd|unknown|-)?\s*$/i;

const RESULT = /^result_[^/]*\.(?:txt|log)(?:\.(?:gz|zst))?$/;

/** Whether a folder is one as MLPerf publishes: result logs at its top. */
export const isMlperfFolder = (folder: string): boolean =>
  isFolder(folder) && filesBelow(folder).some((path) => RESULT.test(path));

function optionalJson<T>(folder: string, name: string, schema: z.ZodType<T>): T | null {
  const path = join(folder, name);
  return existsSync(path) ? parseJson(schema, readFileSync(path, 'utf8'), path) : null;
}

/** Where a submission keeps it: `results/<system>/<benchmark>` beside `systems/<system>.json`. */
const submittedDescription = (place: string): z.infer<typeof SystemSchema> | null =>
  optionalJson(join(place, '..', '..', '..', 'systems'), `${basename(dirname(place))}.json`, SystemSchema);

async function read(
  folder: string,
  path: string,
  format: typeof mlperfPower,
): Promise<{ reading: SourceReading; scopes: SourceScope[] }> {
  const reading = new SourceReading({}, { addScope: () => {}, sample: () => {} });
  const chunks = decompress(createReadStream(join(folder, path)), path);
  await format.read(chunks, { path: innerPath(path), rule: {} }, reading);
  return { reading, scopes: reading.finish() };
}

type Failed = Pick<RunManifest, 'start' | 'stop' | 'status'>;

interface FolderLogs {
  /** What the result logs say of benchmark and system; the first log that says something wins. */
  readonly facts: ReadonlyMap<string, string | number>;
  /** Runs that never began or never stopped, with the times of their first and last line instead: they failed. */
  readonly failed: ReadonlyMap<string, Failed>;
}

/** What stands in for the marks that the log of a failed run lacks; nothing where the log has them. */
function failedRun({ startMs, stopMs, status }: RunProgress, records: readonly ProgressRecord[]): Failed {
  const times = records.map((r) => r.timeMs).filter((t) => t !== null);
  const [firstMs, lastMs] = [Math.min(...times), Math.max(...times)];
  if (times.length === 0 || (startMs !== null && stopMs !== null)) return {};
  if (status === 'success' || (startMs ?? firstMs) >= (stopMs ?? lastMs)) return {};
  return {
    ...(startMs === null ? { start: new Date(firstMs).toISOString() } : {}),
    ...(stopMs === null ? { stop: new Date(lastMs).toISOString() } : {}),
    status: 'aborted',
  };
}

async function readLogs(folder: string, results: readonly string[]): Promise<FolderLogs> {
  const facts = new Map<string, string | number>();
  const failed = new Map<string, Failed>();
  for (const path of results) {
    const { reading } = await read(folder, path, mlperfResults);
    const progress = foldRun(reading.records);
    for (const [key, value] of progress.facts) if (!facts.has(key)) facts.set(key, value);
    failed.set(path, failedRun(progress, reading.records));
  }
  return { facts, failed };
}

/** AC or DC where the submitter's own names say it: the system's name, or that of its folder. */
function statedByName(names: readonly (string | undefined)[]): Boundary | null {
  for (const name of names) {
    const parts = (name ?? '').toLowerCase().split(/[^a-z0-9]+/);
    if (parts.includes('dc') && !parts.includes('ac')) return 'node-dc';
    if (parts.includes('ac') && !parts.includes('dc')) return 'node-ac';
  }
  return null;
}

const wholeNumber = (value: unknown): number | null => {
  const number = Number(value);
  return value !== '' && Number.isInteger(number) && number > 0 ? number : null;
};

const powerFiles = (files: readonly string[], stem: string): string[] =>
  files.filter(
    (path) =>
      path.startsWith(`power/${stem}/`) && /(?:node|sw)[^/]*\.(?:txt|log)(?:\.(?:gz|zst))?$/i.test(path),
  );

/** Whether the bytes of a file hold a word, wherever it is cut into chunks. */
async function holds(source: string, word: string): Promise<boolean> {
  let end = '';
  for await (const chunk of decompress(createReadStream(source), source)) {
    const text = end + Buffer.from(chunk).toString('latin1');
    if (text.includes(word)) return true;
    end = text.slice(-word.length);
  }
  return false;
}

/** The node logs that do not state their conversion, and with it their boundary. */
async function withoutBoundary(folder: string, paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    if (/\/sw[^/]*$/i.test(path)) continue;
    const isNamed = await holds(join(folder, path), '"conversion_eff"');
    const scopes = isNamed ? (await read(folder, path, mlperfPower)).scopes : [];
    if (!scopes.some((scope) => scope.boundary !== null)) found.push(path);
  }
  return found;
}

/**
 * A folder of MLPerf Training results as published (`result_*.txt`, `power/<run>/node_*.txt`, `scaling.json`,
 * `system_desc.json`) as runs with manifests. The boundary of power is what the logs state, or the submitter's
 * names; where neither does, the rules' own (DC behind the power supplies) is assumed, and said to be.
 *
 * @throws InputError where the folder holds no result log, or its benchmark is not named in any.
 */
export async function mlperfRuns(folder: string, options: ImportOptions): Promise<RunUpload[]> {
  const files = filesBelow(folder);
  const results = files.filter((path) => RESULT.test(path));
  if (results.length === 0)
    throw new InputError(
      'mlperf-folder',
      `${folder}: no result_*.txt in it; expected a folder of MLPerf Training results`,
    );
  const { facts, failed } = await readLogs(folder, results);
  const benchmark = facts.get('submission_benchmark');
  if (typeof benchmark !== 'string')
    throw new InputError('mlperf-benchmark', `${folder}: no log names its submission_benchmark`);
  const scaling = optionalJson(folder, 'scaling.json', ScalingSchema);
  const place = resolve(folder);
  const description = optionalJson(folder, 'system_desc.json', SystemSchema) ?? submittedDescription(place);
  const of = (key: keyof z.infer<typeof SystemSchema> & string): unknown =>
    description?.[key] || facts.get(key);
  const model = of('accelerator_model_name');
  const isNamed = typeof model === 'string' && !NOT_SAID.test(model);
  const sku = isNamed ? (findBaseline(model)?.sku ?? model) : 'unknown';
  const stems = results.map((path) => basename(innerPath(path)).replace(/\.(?:txt|log)$/, ''));
  const power = stems.flatMap((stem) => powerFiles(files, stem));
  const unstated = new Set(await withoutBoundary(folder, power));
  const named = statedByName([description?.system_name, basename(place), basename(dirname(place))]);
  const boundary = options.boundary ?? named ?? 'node-dc';
  const chipsPerNode = wholeNumber(of('accelerators_per_node'));
  const systemName = String(of('system_name') ?? basename(place));
  return results.map((path, i): RunUpload => {
    const stem = stems[i] as string;
    const own = powerFiles(files, stem);
    const nodes =
      wholeNumber(of('number_of_nodes')) ?? Math.max(1, own.filter((p) => !/\/sw[^/]*$/i.test(p)).length);
    const silent = own.filter((p) => unstated.has(p));
    const isWhole = silent.length > 0 && own.every((p) => unstated.has(p) || /\/sw[^/]*$/i.test(p));
    const rules: FileRule[] = isWhole
      ? [{ pattern: 'power/node*', boundary }]
      : silent.map((p) => ({ pattern: `power/${innerPath(basename(p))}`, boundary }));
    const manifest: RunManifest = {
      schema: 'wattline/run@1',
      program: options.program,
      run: `${options.prefix ?? ''}${stem.replace(/[^A-Za-z0-9._-]/g, '-')}`,
      role: options.role,
      sku,
      workload: { name: benchmark },
      workUnit: 'sample',
      system: { name: systemName, nodes, ...(chipsPerNode === null ? {} : { chipsPerNode }) },
      ...(silent.length === 0 || options.boundary || named ? {} : { boundaryBasis: 'assumed' as const }),
      ...failed.get(path),
      scoring: {
        set: `${options.prefix ?? ''}${basename(place)}`.replace(/[^A-Za-z0-9._-]/g, '-'),
        droppedEachEnd: DROPPED_EACH_END[benchmark] ?? DROPPED_DEFAULT,
        scalingFactor: scaling?.scaling_factor ?? 1,
      },
      files: rules,
    };
    const uploads = [
      { path, source: join(folder, path) },
      ...own.map((p) => ({ path: `power/${basename(p)}`, source: join(folder, p) })),
    ];
    return { manifest, files: uploads };
  });
}
