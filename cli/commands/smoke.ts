import type { Command } from 'commander';
import { describeCommand } from '../help.ts';
import { jsonFlag } from '../options.ts';

export function registerSmoke(program: Command): void {
  const command = program
    .command('smoke')
    .description('send a small simulated run of each role through a deployment, and check what comes out')
    .requiredOption('--landing <bucket>', 'LandingBucketName of the stack')
    .requiredOption('--lake <bucket>', 'LakeBucketName of the stack')
    .requiredOption('--reports <bucket>', 'ReportsBucketName of the stack')
    .option('--region <region>', 'region of the buckets; that of the environment or profile otherwise')
    .option('--endpoint-url <url>', 'server that stands in for S3')
    .option('--timeout <s>', 'seconds to wait for the reports', '300')
    .option('--keep', 'leave uploads and results where they are')
    .addOption(jsonFlag('what was seen and found,'))
    .action(async (_options, self: Command) => {
      const { smokeCommand } = await import('../smoke.ts');
      await smokeCommand(self.optsWithGlobals());
    });
  describeCommand(command, {
    group: 'Deployment',
    failsWhen: 'the deployment does not work; the message names the stage that did not happen',
    examples: [
      {
        says: 'with the buckets that cdk deploy printed',
        line: 'wattline smoke --landing our-landing --lake our-lake --reports our-reports',
        needs: 'a deployment',
      },
    ],
  });
}
