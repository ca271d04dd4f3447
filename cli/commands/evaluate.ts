import type { Command } from 'commander';
import { describeCommand } from '../help.ts';
import { boundaryFlag, jsonFlag, outFlag } from '../options.ts';

export function registerEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .description('score a run folder (run.json), a folder of runs, or MLPerf results as published')
    .argument('<folder>', 'a run, a folder of runs, or published results')
    .addOption(jsonFlag('the result'))
    .addOption(outFlag())
    .addOption(boundaryFlag())
    .action(async (folder, _options, self: Command) => {
      const { evaluateCommand } = await import('../evaluate.ts');
      await evaluateCommand(folder, self.optsWithGlobals());
    });
  describeCommand(command, {
    group: 'Runs',
    examples: [
      {
        says: 'one run of the simulated pilot',
        line: 'wattline evaluate out/demo/landing/simulated-pilot/n01-llm-8b-pretrain-1-candidate',
      },
      {
        says: 'with a report to look at',
        line: 'wattline evaluate out/demo/landing/simulated-pilot/n01-llm-8b-pretrain-1-baseline --out out/one-run',
      },
    ],
  });
}
