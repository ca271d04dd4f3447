import type { Argument, Command, Option } from 'commander';
import { exitCodes, GROUPS, notesOf, pathOf } from './help.ts';

const HEAD = `# Command line

Every command with its arguments, options, examples and exit codes. Written by \`npm run cli-docs\` from the commands themselves; a test fails where the two differ. \`wattline <command> --help\` prints the same.

In a checkout the command is \`npx wattline\`. Examples work as they stand after \`wattline demo\`, but for what they say they need. \`--json\` prints for programs on standard output; progress and errors go to standard error. An error is one paragraph that names the file, the value and what was expected; \`--verbose\`, which every command takes, adds each step and the stack.
`;

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
/** A table with its columns aligned, as the formatter of the repository has it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, i) => Math.max(3, ...[head, ...rows].map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[], pad: string): string =>
    `| ${cells.map((text, i) => text.padEnd(widths[i] ?? 0, pad)).join(' | ')} |`;
  return [
    line(head, ' '),
    line(
      head.map(() => ''),
      '-',
    ),
    ...rows.map((row) => line(row, ' ')),
  ].join('\n');
}

/** What commander knows of a value beside its description. */
function facts({ argChoices, defaultValue }: Pick<Option & Argument, 'argChoices' | 'defaultValue'>): string {
  const choices = argChoices ? `One of ${argChoices.map((c) => `\`${c}\``).join(', ')}.` : '';
  const isDefault = defaultValue !== undefined && defaultValue !== '';
  return [choices, isDefault ? `Default: \`${defaultValue}\`.` : ''].filter((t) => t !== '').join(' ');
}

const described = (description: string, more: string): string =>
  cell(more === '' ? description : `${description}. ${more}`);

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

function section(command: Command): string {
  const help = command.createHelp();
  const notes = notesOf(command);
  const args = command.registeredArguments.map((a) => [
    `\`${help.argumentTerm(a)}\``,
    described(a.description, facts(a as unknown as Option & Argument)),
  ]);
  const options = help
    .visibleOptions(command)
    .filter(({ long }) => long !== '--help')
    .map((o) => [
      `\`${cell(o.flags)}\``,
      described(`${o.description}${o.mandatory ? ' (required)' : ''}`, facts(o as Option & Argument)),
    ]);
  const examples = notes?.examples.map(
    ({ line, says, needs }) => `# ${says}${needs === undefined ? '' : ` (needs ${needs})`}\n${line}`,
  );
  const codes = notes && exitCodes(notes).map(([code, what]) => `${code} ${what}`);
  return [
    `### ${pathOf(command)}`,
    `${sentence(command.description())}.`,
    `\`\`\`\n${pathOf(command)} ${command.usage()}\n\`\`\``,
    args.length > 0 ? table(['argument', 'what it is'], args) : '',
    options.length > 0 ? table(['option', 'what it does'], options) : '',
    examples ? `\`\`\`sh\n${examples.join('\n')}\n\`\`\`` : '',
    codes ? `Exit codes: ${codes.join(' · ')}.` : '',
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** The commands that do something: a group that only leads to others is described by them. */
const leaves = (command: Command): Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);

/** docs/cli.md of the commands as they are. */
export function cliReference(program: Command): string {
  const groups = GROUPS.map((group) => {
    const commands = program.commands.filter((c) => notesOf(c)?.group === group).flatMap(leaves);
    return [`## ${group}`, ...commands.map(section)].join('\n\n');
  });
  return `${HEAD}\n${groups.join('\n\n')}\n`;
}
