import type { Command } from 'commander';
import { describeCommand } from '../help.ts';
import { jsonFlag } from '../options.ts';

export function registerBaseline(program: Command): void {
  const command = program
    .command('baseline [set]')
    .description('what a GPU that was measured here comes to; without a set, the baselines that are packaged')
    .addOption(jsonFlag('the same'))
    .action(async (set: string | undefined, _options, self: Command) => {
      const { baselineCommand } = await import('../baseline.ts');
      await baselineCommand(set, self.optsWithGlobals());
    });
  describeCommand(command, {
    group: 'Runs',
    examples: [
      { says: 'the packaged baselines, with grade and source of each figure', line: 'wattline baseline' },
      {
        says: 'a set as capture.sh writes it: energy two ways, MFU beside the measured ceiling',
        line: 'wattline baseline measured/h100-sxm-80gb-2026-01-31',
        needs: 'a folder of data/baselines/measured/capture.sh',
      },
    ],
    failsWhen: 'bad input, a file that is not what the manifest says, or a figure that cannot be right',
  });
}
