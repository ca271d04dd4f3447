import type { Argument, Command, Option } from 'commander';

/** What may stand where a value is expected. */
export type Values =
  | { readonly kind: 'choices'; readonly choices: readonly string[] }
  | { readonly kind: 'file' | 'folder' | 'text' };

export interface CompletedOption {
  /** `--out`, and its short form where it has one. */
  readonly flags: readonly string[];
  readonly description: string;
  /** null: the option takes no value. */
  readonly values: Values | null;
}

export interface CompletedCommand {
  /** Words after `wattline` that lead to it. */
  readonly path: readonly string[];
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletedOption[];
  readonly arguments: readonly Values[];
  /** The last argument may come again. */
  readonly isVariadic: boolean;
  readonly commands: readonly CompletedCommand[];
}

/** Values by what help calls them (`<file>`, `<dir>`), where commander knows no choices. */
function valuesOf(
  name: string,
  choices: readonly string[] | undefined,
  known: Readonly<Record<string, readonly string[]>>,
): Values {
  const named = choices ?? known[name];
  if (named) return { kind: 'choices', choices: named };
  if (/^files?$/.test(name)) return { kind: 'file' };
  if (/^(?:dir|folder|store)$/.test(name)) return { kind: 'folder' };
  return { kind: 'text' };
}

function completedOption(
  option: Option,
  known: Readonly<Record<string, readonly string[]>>,
): CompletedOption {
  const [, name] = /[<[]([^>\]]+)[>\]]/.exec(option.flags) ?? [];
  return {
    flags: [option.long, option.short].filter((flag) => flag !== undefined && flag !== null),
    description: option.description,
    values: name === undefined ? null : valuesOf(name, option.argChoices, known),
  };
}

/** A command and all below it. `known` has the values of what help calls `<id>` and the like. */
export function completionTree(
  command: Command,
  known: Readonly<Record<string, readonly string[]>> = {},
  path: readonly string[] = [],
): CompletedCommand {
  const help = command.createHelp();
  const options = [...help.visibleOptions(command), ...(command.parent?.options ?? [])].filter(
    (option, i, all) =>
      all.findIndex(({ long }) => long === option.long) === i &&
      (path.length === 0 || option.long !== '--version'),
  );
  const args = command.registeredArguments as readonly Argument[];
  return {
    path,
    name: command.name(),
    description: command.description(),
    options: options.map((option) => completedOption(option, known)),
    arguments: args.map((a) => valuesOf(a.name(), a.argChoices, known)),
    isVariadic: args.at(-1)?.variadic ?? false,
    commands: command.commands.map((c) => completionTree(c, known, [...path, c.name()])),
  };
}

/** The command and all below it, parents first. */
export const everyCommand = (command: CompletedCommand): CompletedCommand[] => [
  command,
  ...command.commands.flatMap(everyCommand),
];
