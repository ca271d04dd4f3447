import type { Command } from 'commander';
import { describeCommand } from '../help.ts';
import { jsonFlag } from '../options.ts';

export function registerDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description('check this machine, a store and a deployment, and say how to mend what is wrong')
    .option('--store <dir>', 'also a store (the --out of a command)')
    .option('--aws', 'also whether AWS accepts the credentials; nothing else asks the network')
    .option('--landing <bucket>', 'also the landing bucket: reach, versioning, EventBridge')
    .option('--region <region>', 'region of the bucket; that of the environment or profile otherwise')
    .option('--endpoint-url <url>', 'server that stands in for S3')
    .addOption(jsonFlag('the checks'))
    .action(async (_options, self: Command) => {
      const { doctorCommand } = await import('../doctor.ts');
      await doctorCommand(self.optsWithGlobals());
    });
  describeCommand(command, {
    group: 'Start',
    failsWhen: 'a check failed; warnings alone end with 0',
    examples: [
      { says: 'this machine, without the network', line: 'wattline doctor' },
      { says: 'a store as well', line: 'wattline doctor --store out/demo' },
      {
        says: 'a deployment as well',
        line: 'wattline doctor --landing our-landing',
        needs: 'a deployment',
      },
    ],
  });
}
