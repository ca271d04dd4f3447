import type { Command } from 'commander';
import { describeCommand } from '../help.ts';
import { jsonFlag } from '../options.ts';

export function registerSql(program: Command): void {
  const command = program
    .command('sql')
    .description(
      'ask the lake of a store, with the tables that Athena has; on DuckDB, which is installed apart',
    )
    .argument('[query]', 'one SELECT')
    .option('--store <dir>', 'a store (the --out of a command)', 'out/demo')
    .option('--query <query>', 'a query of data/queries instead')
    .option('--program <name>', 'parameter of such a query; the only program of the store otherwise')
    .option('--run <name>', 'parameter of such a query')
    .option('--list', 'the queries of data/queries, and what each answers')
    .addOption(jsonFlag('the rows'))
    .option('--csv', 'the rows as CSV on standard output')
    .action(async (query, _options, self: Command) => {
      const { sqlCommand } = await import('../sql.ts');
      await sqlCommand(query, self.optsWithGlobals());
    });
  describeCommand(command, {
    group: 'Store',
    examples: [
      { says: 'the queries that come with it', line: 'wattline sql --list' },
      {
        says: 'how the verdict came about, night by night',
        line: 'wattline sql --query verdict-history --store out/demo',
        needs: 'DuckDB',
      },
    ],
  });
}
