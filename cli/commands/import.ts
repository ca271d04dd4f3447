import { type Command, Option } from 'commander';
import { describeCommand } from '../help.ts';
import { boundaryFlag, jsonFlag, ROLES } from '../options.ts';

const EXAMPLE = {
  says: 'then: wattline push upload/mlperf/* --landing <landing bucket>',
  line: 'wattline import mlperf path/to/results --to upload',
  needs: 'results from github.com/mlcommons',
};

export function registerImport(program: Command): void {
  const group = program
    .command('import')
    .description('lay out published results as runs with manifests, ready to upload');
  describeCommand(group, { group: 'Runs', examples: [EXAMPLE] });
  const command = group
    .command('mlperf')
    .description('MLPerf Training results as published')
    .argument('<folder>', 'with result_*.txt and power/<run>/node_*.txt')
    .requiredOption('--to <dir>', 'folder to write <program>/<run>/… into')
    .option('--program <name>', 'program that the runs belong to', 'mlperf')
    .addOption(new Option('--role <role>', 'of the runs').choices(ROLES).default('baseline'))
    .option('--prefix <text>', 'before the name of each run', '')
    .addOption(jsonFlag('what was written'))
    .addOption(boundaryFlag())
    .action(async (folder, _options, self: Command) => {
      const { importMlperfCommand } = await import('../import-mlperf.ts');
      await importMlperfCommand(folder, self.optsWithGlobals());
    });
  describeCommand(command, { group: 'Runs', examples: [EXAMPLE] });
}
