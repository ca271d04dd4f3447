import { dirname } from 'node:path';
import type { FileRule } from '../functions/core/telemetry/manifest.ts';
import type { Proposal } from '../functions/core/telemetry/map/proposal.ts';
import { say } from './terminal.ts';

const HEADINGS = ['column', 'first value', 'read as', ''] as const;

/** The proposal as a table, what is left to decide, and the next command. */
export function printProposal(
  file: string,
  proposal: Proposal,
  rule: FileRule,
  run: string | undefined,
): void {
  const { table, questions, mapping } = proposal;
  say(`${file}: ${mapping ? `a proposal (${formOf(mapping)})` : 'nothing in it was recognised'}\n`);
  const rows = table.map(({ name, example, meaning, detail }) => [
    name,
    example,
    meaning || 'not read',
    detail,
  ]);
  for (const line of aligned([[...HEADINGS], ...rows])) say(`  ${line}`);
  if (questions.length > 0) say('\nTo decide:');
  for (const { about, text, isOpen } of questions)
    say(`  ${isOpen ? '*' : '-'} ${text}${about === '' ? '' : `  [${about}]`}`);
  if (questions.some(({ isOpen }) => isOpen)) say('  (* the file is refused until this is answered)');
  if (!run && mapping) say(`\nThe rule for "files" in run.json:\n${JSON.stringify(rule, null, 2)}`);
  say(`\n${nextStep(file, rule, run, proposal)}`);
}

const formOf = ({ form, delimiter, long }: NonNullable<Proposal['mapping']>): string =>
  [
    form,
    ...(delimiter ? [`delimiter ${JSON.stringify(delimiter)}`] : []),
    ...(long ? ['one metric a row'] : []),
  ].join(', ');

function nextStep(
  file: string,
  { pattern }: FileRule,
  run: string | undefined,
  { mapping, questions }: Proposal,
): string {
  if (!mapping)
    return 'Next: write the mapping by hand; docs/formats.md has an example under "Your own files".';
  if (!run) return `Next: wattline map ${file} --run <run folder>/run.json writes it there.`;
  const isOpen = questions.some((question) => question.isOpen);
  return `Written to ${run} for ${JSON.stringify(pattern)}. Next: ${isOpen ? 'answer what is marked * there, then ' : ''}wattline evaluate ${dirname(run)}`;
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = HEADINGS.map((_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length)));
  return rows.map((row) =>
    row
      .map((text, i) => text.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
