import { prettyJson } from '../platform/hash.ts';
import { readJson } from '../platform/landing.ts';
import { putIfDifferent } from '../platform/latest.ts';
import type { Log } from '../platform/log.ts';
import type { ObjectStore } from '../platform/object-store.ts';
import type { DeployedFunctions } from './environment.ts';
import { allReceipts, type LakeReceipt, landedObjects } from './lake-sources.ts';
import { sweep } from './sweep.ts';
import { gbSeconds, type Period, type UseSource } from './usage.ts';
import { renderWeeklyMarkdown, type WeeklyReport, WeeklyReportSchema } from './weekly-report.ts';

export interface WeeklyDependencies {
  readonly landing: ObjectStore;
  readonly lake: ObjectStore;
  readonly reports: ObjectStore;
  readonly functions: DeployedFunctions;
  /** Null where nobody counts what functions take. */
  readonly use: UseSource | null;
  readonly log: Log;
}

const WEEK_MS = 7 * 86_400_000;
const LAKE_TABLES = [
  'receipts',
  'segments',
  'progress',
  'quarantine',
  'evaluations',
  'decisions',
  'policies',
  'verdicts',
  'nights',
];

export const weeklyPrefix = (date: string): string => `weekly/${date}/`;

const dayOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);

/** Sweeps the lake, and writes what the week took to the reports bucket. What has been reported is not done again. */
export async function weekly(dependencies: WeeklyDependencies, startMs: number): Promise<WeeklyReport> {
  const { landing, lake, reports, log } = dependencies;
  const date = dayOf(startMs);
  const stopMs = Date.parse(date);
  const prefix = weeklyPrefix(date);
  const done = await readJson(reports, `${prefix}report.json`, WeeklyReportSchema);
  if (done) return done;
  const period = { startMs: stopMs - WEEK_MS, stopMs };
  const receipts = await allReceipts(lake);
  const landed = await landedObjects(landing);
  const swept = await sweep({ lake, receipts, landed, date });
  const kept = receipts.filter(({ receipt }) => landed.keys.has(receipt.source.key));
  const report = WeeklyReportSchema.parse({
    schema: 'wattline/weekly@1',
    date,
    from: dayOf(period.startMs),
    programs: byProgram(kept),
    storage: [
      { place: 'landing', objects: landed.keys.size, bytes: landed.bytes },
      ...(await storageOf(lake, LAKE_TABLES)),
      ...(await storageOf(reports, ['runs', 'programs'])),
    ],
    functions: await useOf(dependencies, period),
    swept,
  } satisfies WeeklyReport);
  const markdown = Buffer.from(renderWeeklyMarkdown(report));
  await putIfDifferent(reports, `${prefix}report.md`, markdown, 'text/markdown; charset=utf-8');
  await putIfDifferent(reports, `${prefix}report.json`, prettyJson(report), 'application/json');
  log.info('weekly', { date, ...swept });
  return report;
}

/** Of every file as it was read last; another reading of the same version counts once. */
function byProgram(receipts: readonly LakeReceipt[]): WeeklyReport['programs'] {
  const latest = new Map(receipts.map(({ receipt }) => [receipt.source.key, receipt]));
  const programs = new Map<string, WeeklyReport['programs'][number]>();
  for (const { program, source, rows, rejected } of latest.values()) {
    const sum = programs.get(program) ?? { program, files: 0, bytes: 0, rows: 0, rejected: 0 };
    programs.set(program, {
      program,
      files: sum.files + 1,
      bytes: sum.bytes + source.sizeBytes,
      rows: sum.rows + rows,
      rejected: sum.rejected + rejected,
    });
  }
  return [...programs.values()].sort((a, b) => (a.program < b.program ? -1 : 1));
}

async function storageOf(store: ObjectStore, folders: readonly string[]): Promise<WeeklyReport['storage']> {
  const found: WeeklyReport['storage'] = [];
  for (const folder of folders) {
    let objects = 0;
    let bytes = 0;
    for await (const { sizeBytes } of store.list(`${folder}/`)) {
      objects += 1;
      bytes += sizeBytes;
    }
    found.push({ place: folder, objects, bytes });
  }
  return found;
}

async function useOf(
  { functions, use }: WeeklyDependencies,
  period: Period,
): Promise<WeeklyReport['functions']> {
  if (!use) return null;
  const uses = await use(functions, period);
  return Object.entries(functions).map(([name, { memoryMb }]) => {
    const one = uses[name] ?? { calls: 0, durationMs: 0 };
    return {
      name,
      calls: one.calls,
      durationS: one.durationMs / 1_000,
      memoryMb,
      gbSeconds: gbSeconds(one, memoryMb),
    };
  });
}
