import type { Command } from 'commander';
import { describeCommand } from '../help.ts';
import { jsonFlag } from '../options.ts';

export function registerDecide(program: Command): void {
  const command = program
    .command('decide')
    .description('read what is new in a store, and decide a program for a night')
    .argument('<store>', 'folder with landing/<program>/<run>/... in it')
    .option('--program <name>', 'the program; the only one of the store otherwise')
    .option('--night <day>', 'day of the decision, YYYY-MM-DD; that of the last run otherwise')
    .addOption(jsonFlag('the decision'))
    .action(async (store, _options, self: Command) => {
      const { decideCommand } = await import('../decide.ts');
      await decideCommand(store, self.optsWithGlobals());
    });
  describeCommand(command, {
    group: 'Decision',
    examples: [
      { says: 'as the last night stands', line: 'wattline decide out/demo' },
      { says: 'as it stood on another', line: 'wattline decide out/demo --night 2026-01-20' },
    ],
  });
}
