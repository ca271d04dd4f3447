import * as z from 'zod';

const FunctionUseSchema = z.strictObject({
  name: z.string(),
  calls: z.number().nonnegative(),
  durationS: z.number().nonnegative(),
  memoryMb: z.int().positive(),
  gbSeconds: z.number().nonnegative(),
});

const StorageSchema = z.strictObject({
  place: z.string().describe('bucket, and table of the lake'),
  objects: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
});

/** What a week took, for whoever pays for it. Quantities alone: prices are the bill's. */
export const WeeklyReportSchema = z.strictObject({
  schema: z.literal('wattline/weekly@1'),
  date: z.iso.date().describe('day of the report, UTC'),
  from: z.iso.date().describe('first day of the use that is summed'),
  programs: z.array(
    z.strictObject({
      program: z.string(),
      files: z.int().nonnegative(),
      bytes: z.int().nonnegative(),
      rows: z.int().nonnegative(),
      rejected: z.int().nonnegative(),
    }),
  ),
  storage: z.array(StorageSchema),
  functions: z.array(FunctionUseSchema).nullable().describe('null where nobody counted, as on one machine'),
  swept: z.strictObject({
    sources: z.int().nonnegative(),
    orphans: z.int().nonnegative(),
    suspects: z.int().nonnegative(),
    bytes: z.int().nonnegative(),
  }),
});
export type WeeklyReport = z.infer<typeof WeeklyReportSchema>;

type Cell = string | number;

const cell = (value: Cell): string =>
  typeof value === 'number'
    ? value.toLocaleString('en-US', { maximumFractionDigits: 1 })
    : value.replaceAll('|', '\\|');

function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, i) => (i === 0 ? '---' : '---:'));
  return [line(head), line(rule), ...rows.map((row) => line(row.map(cell))), ''];
}

/** The same facts, to read. */
export function renderWeeklyMarkdown(report: WeeklyReport): string {
  const { date, from, programs, storage, functions, swept } = report;
  return [
    `# Wattline, week of ${from} to ${date}`,
    '',
    '## Telemetry that is kept, by program',
    '',
    ...table(
      ['program', 'files', 'bytes', 'rows', 'rejected rows'],
      programs.map((p) => [p.program, p.files, p.bytes, p.rows, p.rejected]),
    ),
    '## Storage',
    '',
    ...table(
      ['place', 'objects', 'bytes'],
      storage.map((s) => [s.place, s.objects, s.bytes]),
    ),
    '## Functions',
    '',
    ...(functions
      ? table(
          ['function', 'calls', 'time, s', 'memory, MB', 'GB-s'],
          functions.map((f) => [f.name, f.calls, f.durationS, f.memoryMb, f.gbSeconds]),
        )
      : ['Not counted here.', '']),
    '## Swept',
    '',
    `${cell(swept.sources)} sources whose upload is gone, ${cell(swept.orphans)} outputs without a receipt, ${cell(swept.bytes)} bytes in all. ${cell(swept.suspects)} outputs without a receipt are looked at again next week.`,
    '',
  ].join('\n');
}
