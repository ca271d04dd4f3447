import { Argument, type Command } from 'commander';
import { describeCommand } from '../help.ts';
import { jsonFlag } from '../options.ts';

export function registerOpen(program: Command): void {
  const command = program
    .command('open')
    .description('open the newest report, or the first page of its store, in the browser')
    .addArgument(new Argument('[what]', 'which page').choices(['report', 'store']).default('report'))
    .option('--store <dir>', 'a store (the --out of a command); the newest below out/ otherwise')
    .option('--print', 'print the path and open nothing')
    .addOption(jsonFlag('the path'))
    .action(async (what, _options, self: Command) => {
      const { openCommand } = await import('../open.ts');
      await openCommand(what, self.optsWithGlobals());
    });
  describeCommand(command, {
    group: 'Decision',
    failsWhen: 'there is no report, or no display to open it on; the message has the path',
    examples: [
      { says: 'in the browser', line: 'wattline open', needs: 'a display' },
      { says: 'its path alone', line: 'wattline open report --store out/demo --print' },
    ],
  });
}
