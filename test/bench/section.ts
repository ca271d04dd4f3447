import type { Result } from './contender.ts';

/** A number that was to be at most so much. */
export interface Target {
  readonly what: string;
  readonly reached: number;
  readonly atMost: number;
  /** Shown behind both; a plain ratio has none. */
  readonly unit?: string;
}

/** What one part found. */
export interface Section {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Sentences below the table. */
  readonly notes: readonly string[];
  readonly targets: readonly Target[];
  /** What must not be: results that differ. The run then fails. */
  readonly failures: readonly string[];
}

const table = (columns: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  `| ${columns.join(' | ')} |`,
  `| ${columns.map((_, i) => (i === 0 ? '---' : '---:')).join(' | ')} |`,
  ...rows.map((cells) => `| ${cells.join(' | ')} |`),
];

const verdict = ({ reached, atMost }: Target): string => (reached <= atMost ? 'met' : '**missed**');
const shown = (value: number, unit = ''): string =>
  `${value >= 20 ? value.toFixed(0) : value.toFixed(2)}${unit}`;

/** Sections as Markdown: targets first, then each table. */
export function markdown(header: readonly string[], sections: readonly Section[]): string {
  const targets = sections.flatMap((section) => section.targets);
  const lines = [...header, ''];
  if (targets.length > 0)
    lines.push(
      '### Targets',
      '',
      ...table(
        ['what', 'reached', 'target, at most', ''],
        targets.map((t) => [t.what, shown(t.reached, t.unit), shown(t.atMost, t.unit), verdict(t)]),
      ),
      '',
    );
  for (const { title, columns, rows, notes, failures } of sections) {
    lines.push(`### ${title}`, '');
    if (rows.length > 0) lines.push(...table(columns, rows), '');
    for (const text of [...notes, ...failures.map((f) => `**Failed:** ${f}`)]) lines.push(text, '');
  }
  return lines.join('\n');
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
export const ratio = (value: number): string => value.toFixed(2);

/** Time, processor time, peak memory and speed of each contender, and their ratios to the first one's. */
export const COST_COLUMNS = ['', 'time', 'CPU time', 'peak memory', 'MB/s'] as const;
export const costRow = ({ name, ms, cpuMs, peakBytes }: Result, bytes: number): string[] => [
  name,
  seconds(ms),
  seconds(cpuMs),
  megabytes(peakBytes),
  (bytes / 1e3 / ms).toFixed(0),
];
export const ratioRow = (name: string, ours: Result, theirs: Result): string[] => [
  name,
  ratio(ours.ms / theirs.ms),
  ratio(ours.cpuMs / theirs.cpuMs),
  ratio(ours.peakBytes / theirs.peakBytes),
  ratio(theirs.ms / ours.ms),
];
