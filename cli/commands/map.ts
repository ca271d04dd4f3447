import type { Command } from 'commander';
import { describeCommand } from '../help.ts';
import { boundaryFlag, jsonFlag, zoneFlag } from '../options.ts';

export function registerMap(program: Command): void {
  const command = program
    .command('map')
    .description('propose what the columns of a file of your own mean, as a mapping for run.json')
    .argument('<file>', 'CSV, JSON lines or Parquet')
    .option('--run <file>', 'write the mapping into this run.json, and keep all else in it')
    .option('--pattern <glob>', 'files that the mapping is for; this one otherwise')
    .addOption(zoneFlag())
    .addOption(jsonFlag('the proposal'))
    .addOption(boundaryFlag())
    .action(async (file, _options, self: Command) => {
      const { mapCommand } = await import('../map.ts');
      await mapCommand(file, self.optsWithGlobals());
    });
  describeCommand(command, {
    group: 'Runs',
    examples: [
      {
        says: 'written into the run.json of its run',
        line: 'wattline map runs/night-1/power/n3.csv --pattern "power/{node}.csv" --run runs/night-1/run.json',
        needs: 'a file of your own',
      },
    ],
  });
}
