import type { Command, CommanderError } from 'commander';
import { commandOf, pathOf } from './help.ts';

/** A group without the command that it needs shows its help, and commander has no message of its own for it. */
const HELP_SHOWN = 'commander.help';

/** An error of usage as one paragraph: what is wrong, what was nearest, and where help lies. */
export function usageText(program: Command, args: readonly string[], error: CommanderError): string {
  const command = commandOf(program, args);
  const see = `See ${pathOf(command)} --help.`;
  if (error.code === HELP_SHOWN) {
    const names = command.commands.map((c) => c.name()).join(', ');
    return `wattline: ${pathOf(command)} needs a command: expected ${names}. ${see}`;
  }
  const [what = '', ...suggestion] = error.message.replace(/^error: /, '').split('\n');
  const nearest = suggestion.join(' ').replace(/^\((.*)\)$/, '$1');
  return [`wattline: ${what.replace(/\.$/, '')}.`, nearest, see].filter((part) => part !== '').join(' ');
}
