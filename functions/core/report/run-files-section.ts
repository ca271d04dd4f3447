import type { Evaluation } from '../efficiency/evaluation.ts';
import { fixFor } from '../telemetry/fixes.ts';
import { folded, pair } from './folded.ts';
import { digits } from './format.ts';
import { type Html, html } from './html.ts';
import { escapeMarkdown, markdownTable } from './markdown.ts';
import { stackedTable } from './stacked-table.ts';

type Input = Evaluation['inputs'][number];

/** Files and rejects that stand open; more are a click away, and of very many the worst. */
const OPEN = 12;
const SHOWN = 500;
const SHOWN_REJECTS = 60;
const HASH_CHARACTERS = 12;

const BYTE_UNITS = [
  [1e9, 'GB'],
  [1e6, 'MB'],
  [1e3, 'kB'],
] as const;

function bytesText(bytes: number | null): string {
  if (bytes === null) return 'not known';
  const [factor, unit] = BYTE_UNITS.find(([f]) => bytes >= f) ?? [1, 'B'];
  return `${digits(bytes / factor, 3)} ${unit}`;
}

const rowsText = ({ rows, rejected }: Input): Html =>
  pair(String(rows), rejected === 0 ? '' : `${rejected} rejected`);

/** Refused files first, then those with the most rejects. */
const worstFirst = (inputs: readonly Input[]): Input[] =>
  [...inputs].sort(
    (a, b) =>
      Number(b.status === 'refused') - Number(a.status === 'refused') ||
      b.rejected - a.rejected ||
      (a.path < b.path ? -1 : 1),
  );

function summary(inputs: readonly Input[]): string {
  const refused = inputs.filter((i) => i.status === 'refused').length;
  const rows = inputs.reduce((n, i) => n + i.rows, 0);
  const rejected = inputs.reduce((n, i) => n + i.rejected, 0);
  const files = `${inputs.length} ${inputs.length === 1 ? 'file' : 'files'}`;
  const bad = rejected === 0 ? 'none rejected' : `${rejected} of them in quarantine`;
  return `${files} with ${rows} rows, ${bad}; ${refused === 0 ? 'no file was refused' : `${refused} refused`}.`;
}

/** Why rows or a whole file were left out, how often, and what mends it. */
interface Reject {
  readonly path: string;
  readonly reason: string;
  readonly column: string | null;
  readonly rows: string;
  readonly expected: string;
  readonly example: { readonly line: number; readonly raw: string } | null;
  readonly fix: string;
}

function rejectsOf(inputs: readonly Input[]): Reject[] {
  return worstFirst(inputs).flatMap(({ path, refusal, rejects }): Reject[] => [
    ...(refusal
      ? [
          {
            ...{ path, reason: refusal.code, column: null, rows: 'the file', expected: refusal.message },
            example: null,
            fix: fixFor(refusal.code),
          },
        ]
      : []),
    ...rejects.map(({ reason, column, rows, expected, line, raw }) => ({
      ...{ path, reason, column, rows: String(rows), expected: `expected ${expected}` },
      example: { line, raw },
      fix: fixFor(reason),
    })),
  ]);
}

function rejectsTable(inputs: readonly Input[]): Html | null {
  const all = rejectsOf(inputs);
  if (all.length === 0) return null;
  const which =
    all.length > SHOWN_REJECTS ? `, ${SHOWN_REJECTS} of ${all.length}; all are in report.json` : '';
  const rows = stackedTable(
    all.slice(0, SHOWN_REJECTS),
    [
      { head: 'reason', cell: (r) => pair(r.reason, r.column === null ? '' : `in ${r.column}`) },
      { head: 'rows', cell: (r) => r.rows, isNumber: true },
      { head: 'file', cell: (r) => r.path },
      {
        head: 'what',
        cell: (r) =>
          html`${r.expected}${r.example === null ? null : html`<small>line ${r.example.line}: <code>${r.example.raw}</code></small>`}`,
      },
      { head: 'to mend it', cell: (r) => r.fix },
    ],
    `What is in quarantine, and what mends it${which}`,
  );
  return all.length > OPEN ? folded(`${all.length} reasons why rows or files were left out`, rows) : rows;
}

/** Every file that the numbers rest on, and what of it was left out. */
export function filesSection({ inputs, code, contentDigest }: Evaluation): Html {
  const files = stackedTable(
    worstFirst(inputs).slice(0, SHOWN),
    [
      { head: 'file', cell: (i) => pair(i.path, i.format ?? 'no format known') },
      { head: 'status', cell: (i) => i.status },
      { head: 'rows', cell: rowsText, isNumber: true },
      { head: 'size', cell: (i) => bytesText(i.bytes), isNumber: true },
      {
        head: 'SHA-256',
        cell: (i) => html`<code title="${i.sha256}">${i.sha256.slice(0, HASH_CHARACTERS)}</code>`,
      },
    ],
    `Input files${inputs.length > SHOWN ? `, ${SHOWN} of ${inputs.length}; all are in report.json` : ''}; whole hashes are in report.json`,
  );
  const list = inputs.length > OPEN ? folded(`${inputs.length} files with their receipts`, files) : files;
  return html`<h2>Files</h2><p>${summary(inputs)}</p>${rejectsTable(inputs)}${inputs.length === 0 ? null : list}<p class="small">${code} · content ${contentDigest}</p>`;
}

export function filesMarkdown({ inputs }: Evaluation): string {
  const rejects = rejectsOf(inputs)
    .slice(0, SHOWN_REJECTS)
    .map((r) => [r.reason, r.rows, r.path, r.column ?? '', r.expected, r.fix]);
  const table =
    rejects.length === 0
      ? ''
      : `\n${markdownTable(['reason', 'rows', 'file', 'column', 'what', 'to mend it'], rejects)}\n`;
  return `\n## Files\n\n${escapeMarkdown(summary(inputs))}\n${table}`;
}
