import type { Command } from 'commander';
import { describeCommand } from '../help.ts';

export function registerWatch(program: Command): void {
  const command = program
    .command('watch')
    .description(
      'keep receipts, evaluations and reports current as files arrive in a folder, change and go; the folder is taken for the landing bucket',
    )
    .argument('<folder>', '<program>/<run>/... as wattline init lays it out, or a store')
    .option('--out <dir>', 'folder for the store and the reports; out/<name of the folder> otherwise')
    .option('--settle <s>', 'a file is complete once it has not changed for so many seconds', '2')
    .option('--poll <s>', 'look at least so often; network drives do not tell of changes', '10')
    .option('--once', 'read what is there, and end')
    .option('--json', 'each event as one line of JSON on standard output')
    .action(async (folder, _options, self: Command) => {
      const { watchCommand } = await import('../watch.ts');
      await watchCommand(folder, self.optsWithGlobals());
    });
  describeCommand(command, {
    group: 'Decision',
    examples: [
      { says: 'until Ctrl-C', line: 'wattline watch our-pilot', needs: 'time: it goes on until Ctrl-C' },
      {
        says: 'catch up and end, as from cron',
        line: 'wattline watch out/demo/landing --out out/watched --once',
      },
    ],
  });
}
