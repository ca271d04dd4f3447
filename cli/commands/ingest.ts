import type { Command } from 'commander';
import { describeCommand } from '../help.ts';
import { boundaryFlag, jsonFlag, zoneFlag } from '../options.ts';

export function registerIngest(program: Command): void {
  const command = program
    .command('ingest')
    .description('read files as the ingest function would, and print their receipts')
    .argument('<files...>', 'power and training logs, plain, gzip or zstd')
    .addOption(jsonFlag('the receipts'))
    .addOption(zoneFlag())
    .option('--clock-offset-ms <ms>', 'added to every time stamp')
    .option('--format <id>', 'format, where the first bytes do not tell')
    .addOption(boundaryFlag())
    .action(async (files, _options, self: Command) => {
      const { ingestCommand } = await import('../ingest.ts');
      await ingestCommand(files, self.optsWithGlobals());
    });
  describeCommand(command, {
    group: 'Runs',
    failsWhen: 'a file was refused, or is not there; the message says why and what to declare',
    examples: [
      {
        says: 'what a file says, before it is uploaded',
        line: 'wattline ingest out/demo/landing/simulated-pilot/n01-llm-8b-pretrain-1-candidate/power/chip-node-0.csv --boundary chip',
      },
    ],
  });
}
