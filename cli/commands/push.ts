import { type Command, Option } from 'commander';
import { describeCommand } from '../help.ts';
import { jsonFlag } from '../options.ts';

/** Repeated here, as cli/options.ts does, so that help needs no other file. */
const COMPRESSIONS = ['zstd', 'gzip'] as const;

export function registerPush(program: Command): void {
  const command = program
    .command('push')
    .description(
      'upload run folders to the landing bucket: checked first, run.json last, and only what is not there yet',
    )
    .argument('<run-folders...>', 'each with run.json and the files of the run')
    .requiredOption('--landing <bucket>', 'LandingBucketName of the stack')
    .option('--program <name>', 'send it as this program; the one of run.json otherwise')
    .option('--run <name>', 'send it as this run; the one of run.json otherwise')
    .addOption(
      new Option(
        '--compress <how>',
        'compress plain text on its way, and add .zst or .gz to its name: telemetry in CSV shrinks to a fifth or a tenth; as it is otherwise, so that bucket and folder hold the same bytes',
      ).choices(COMPRESSIONS),
    )
    .option('--overwrite', 'write over files of the run that are there with other content')
    .option('--concurrency <n>', 'files or parts sent at a time, of 8 MiB each', '8')
    .option('--dry-run', 'say what would be sent, and send nothing')
    .option('--reports <bucket>', 'ReportsBucketName of the stack, to say where the report will be')
    .option('--region <region>', 'region of the bucket; that of the environment or profile otherwise')
    .option('--endpoint-url <url>', 'server that stands in for S3')
    .addOption(jsonFlag('what was sent, with checksums,'))
    .action(async (folders, _options, self: Command) => {
      const { pushCommand } = await import('../push.ts');
      await pushCommand(folders, self.optsWithGlobals());
    });
  describeCommand(command, {
    group: 'Runs',
    failsWhen:
      'something was not sent, and run.json with it; the same command goes on from there (130 after Ctrl-C)',
    examples: [
      {
        says: 'one run of the simulated pilot',
        line: 'wattline push out/demo/landing/simulated-pilot/n0001-llm-8b-pretrain-1-candidate --landing our-landing',
        needs: 'a deployment',
      },
      {
        says: 'all of them, to look at first',
        line: 'wattline push out/demo/landing/simulated-pilot/n* --landing our-landing --compress zstd --dry-run',
        needs: 'a deployment',
      },
    ],
  });
}
