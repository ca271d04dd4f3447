import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { findBaseline } from '../functions/core/efficiency/baselines.ts';
import { InputError } from '../functions/core/errors.ts';
import type { Boundary } from '../functions/core/telemetry/boundary.ts';
import { mlperfPower } from '../functions/core/telemetry/formats/mlperf-power.ts';
import { mlperfResults } from '../functions/core/telemetry/formats/mlperf-results.ts';
import type { FileRule, RunManifest } from '../functions/core/telemetry/manifest.ts';
import { foldRun } from '../functions/core/telemetry/progress-fold.ts';
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

const RESULT = /^result_[^/]*\.(?:txt|log)(?:\.(?:gz|zst))?$/;

/** Whether a folder is one as MLPerf publishes: result logs at its top. */
export const isMlperfFolder = (folder: string): boolean =>
  isFolder(folder) && filesBelow(folder).some((path) => RESULT.test(path));

function optionalJson<T>(folder: string, name: string, schema: z.ZodType<T>): T | null {
  const path = join(folder, name);
  return existsSync(path) ? parseJson(schema, readFileSync(path, 'utf8'), path) : null;
}

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

interface FolderLogs {
  /** What the result logs say of benchmark and system; the first log that says something wins. */
  readonly facts: ReadonlyMap<string, string | number>;
  /** Runs that began and never stopped, with the time of their last line: they failed. */
  readonly cutOff: ReadonlyMap<string, number>;
}

async function readLogs(folder: string, results: readonly string[]): Promise<FolderLogs> {
  const facts = new Map<string, string | number>();
  const cutOff = new Map<string, number>();
  for (const path of results) {
    const { reading } = await read(folder, path, mlperfResults);
    const { facts: own, startMs, stopMs } = foldRun(reading.records);
    for (const [key, value] of own) if (!facts.has(key)) facts.set(key, value);
    const lastMs = Math.max(0, ...reading.records.map((r) => r.timeMs ?? 0));
    if (startMs !== null && stopMs === null && lastMs > startMs) cutOff.set(path, lastMs);
  }
  return { facts, cutOff };
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

/** Whether any node log states its conversion, and with it its boundary. */
async function isBoundaryInLogs(folder: string, paths: readonly string[]): Promise<boolean> {
  const first = paths.find((path) => !/\/sw[^/]*$/i.test(path));
  if (!first) return true;
  const { scopes } = await read(folder, first, mlperfPower);
  return scopes.every((scope) => scope.boundary !== null);
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
  const { facts, cutOff } = await readLogs(folder, results);
  const benchmark = facts.get('submission_benchmark');
  if (typeof benchmark !== 'string')
    throw new InputError('mlperf-benchmark', `${folder}: no log names its submission_benchmark`);
  const scaling = optionalJson(folder, 'scaling.json', ScalingSchema);
  const description = optionalJson(folder, 'system_desc.json', SystemSchema);
  const of = (key: keyof z.infer<typeof SystemSchema> & string): unknown =>
    description?.[key] || facts.get(key);
  const model = of('accelerator_model_name');
  const sku = typeof model === 'string' ? (findBaseline(model)?.sku ?? model) : 'unknown';
  const place = resolve(folder);
  const stems = results.map((path) => basename(innerPath(path)).replace(/\.(?:txt|log)$/, ''));
  const power = stems.flatMap((stem) => powerFiles(files, stem));
  const logged = await isBoundaryInLogs(folder, power);
  const named = statedByName([description?.system_name, basename(place), basename(dirname(place))]);
  const boundary = options.boundary ?? named ?? 'node-dc';
  const rules: FileRule[] = logged ? [] : [{ pattern: 'power/node*', boundary }];
  const chipsPerNode = wholeNumber(of('accelerators_per_node'));
  const systemName = String(of('system_name') ?? basename(place));
  return results.map((path, i): RunUpload => {
    const stem = stems[i] as string;
    const own = powerFiles(files, stem);
    const nodes =
      wholeNumber(of('number_of_nodes')) ?? Math.max(1, own.filter((p) => !/\/sw[^/]*$/i.test(p)).length);
    const lastMs = cutOff.get(path);
    const manifest: RunManifest = {
      schema: 'wattline/run@1',
      program: options.program,
      run: `${options.prefix ?? ''}${stem.replace(/[^A-Za-z0-9._-]/g, '-')}`,
      role: options.role,
      sku,
      workload: { name: benchmark },
      workUnit: 'sample',
      system: { name: systemName, nodes, ...(chipsPerNode === null ? {} : { chipsPerNode }) },
      ...(logged || options.boundary || named ? {} : { boundaryBasis: 'assumed' as const }),
      ...(lastMs === undefined ? {} : { stop: new Date(lastMs).toISOString(), status: 'aborted' as const }),
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
