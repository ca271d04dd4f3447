import { fishQuoted, short } from './quote.ts';
import { type CompletedCommand, type CompletedOption, everyCommand, type Values } from './tree.ts';

function value(values: Values | null): string {
  if (values === null) return '';
  if (values.kind === 'choices') return ` -x -a ${fishQuoted(values.choices.join(' '))}`;
  if (values.kind === 'folder') return " -x -a '(__fish_complete_directories)'";
  return values.kind === 'file' ? ' -r -F' : ' -x';
}

function optionLine(condition: string, { flags, description, values }: CompletedOption): string {
  const names = flags.map((f) => (f.startsWith('--') ? `-l ${f.slice(2)}` : `-s ${f.slice(1)}`)).join(' ');
  return `complete -c wattline -n ${condition} ${names}${value(values)} -d ${fishQuoted(short(description))}`;
}

/** True where the words so far lead to this command and to none below it. */
function conditionOf({ path, commands }: CompletedCommand): string {
  if (path.length === 0) return '__fish_use_subcommand';
  const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ');
  const below = commands.map((c) => c.name).join(' ');
  return fishQuoted(below === '' ? seen : `${seen}; and not __fish_seen_subcommand_from ${below}`);
}

function linesOf(command: CompletedCommand): string[] {
  const condition = conditionOf(command);
  const places = command.arguments.filter(({ kind }) => kind !== 'text');
  return [
    ...command.commands.map(
      (c) => `complete -c wattline -n ${condition} -a ${c.name} -d ${fishQuoted(short(c.description))}`,
    ),
    ...command.options.map((option) => optionLine(condition, option)),
    ...places.map((values) =>
      values.kind === 'choices'
        ? `complete -c wattline -n ${condition} -a ${fishQuoted(values.choices.join(' '))}`
        : values.kind === 'folder'
          ? `complete -c wattline -n ${condition} -a '(__fish_complete_directories)'`
          : `complete -c wattline -n ${condition} -F`,
    ),
  ];
}

export const fishCompletion = (
  root: CompletedCommand,
): string => `# fish completion of wattline; written by: wattline completion fish
complete -c wattline -f
${everyCommand(root).flatMap(linesOf).join('\n')}
`;
