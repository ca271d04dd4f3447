import type { Command } from 'commander';

/** Groups of the overview, in its order. */
export const GROUPS = ['Start', 'Runs', 'Decision', 'Store', 'Deployment'] as const;
export type Group = (typeof GROUPS)[number];

export interface Example {
  /** What it is for, in a few words. */
  readonly says: string;
  /** The line as typed. After `wattline demo` it works as it stands, but for what `needs` names. */
  readonly line: string;
  readonly needs?: string;
}

/** What help says of a command beside what commander knows. */
export interface CommandNotes {
  readonly group: Group;
  readonly examples: readonly Example[];
  /** When the command ends with 1, where that is something else than bad input. */
  readonly failsWhen?: string;
}

const NOTES = new WeakMap<Command, CommandNotes>();
const BAD_INPUT = 'bad input; the message names the file, the value and what was expected';

export const notesOf = (command: Command): CommandNotes | undefined => NOTES.get(command);

/** What each exit code of a command means. */
export const exitCodes = ({ failsWhen }: CommandNotes): readonly (readonly [number, string])[] => [
  [0, 'done'],
  [1, failsWhen ?? BAD_INPUT],
  [2, 'wrong usage'],
];

/** Gives a command its group in the overview, and its examples and exit codes in its help. */
export function describeCommand(command: Command, notes: CommandNotes): Command {
  NOTES.set(command, notes);
  command.helpGroup(`${notes.group}:`).addHelpText('after', () => notesText(notes));
  return command;
}

function notesText(notes: CommandNotes): string {
  const examples = notes.examples.flatMap(({ says, line, needs }) => [
    `  ${line}`,
    `      ${says}${needs === undefined ? '' : ` (needs ${needs})`}`,
  ]);
  const title = notes.examples.length > 1 ? 'Examples:' : 'Example:';
  const codes = exitCodes(notes).map(([code, what]) => `  ${code}  ${what}`);
  return ['', title, ...examples, '', 'Exit codes:', ...codes].join('\n');
}

/** The command that a line of arguments names: the deepest whose names they begin with, options left out. */
export function commandOf(root: Command, args: readonly string[]): Command {
  let command = root;
  for (const arg of args.filter((a) => !a.startsWith('-'))) {
    const next = command.commands.find((c) => c.name() === arg);
    if (!next) break;
    command = next;
  }
  return command;
}

/** `wattline import mlperf`: the words that lead to a command. */
export function pathOf(command: Command): string {
  const { parent } = command;
  return parent ? `${pathOf(parent)} ${command.name()}` : command.name();
}
