import { Command, CommanderError } from 'commander';
import { WattlineError } from '../functions/core/errors.ts';
import { BoundarySchema } from '../functions/core/telemetry/boundary.ts';
import packageJson from '../package.json' with { type: 'json' };
import { compareCommand } from './compare.ts';
import { costCommand } from './cost.ts';
import { decideCommand } from './decide.ts';
import { demoCommand } from './demo.ts';
import { evaluateCommand } from './evaluate.ts';
import { importMlperfCommand } from './import-mlperf.ts';
import { ingestCommand } from './ingest.ts';
import { mapCommand } from './map.ts';
import { quarantineCommand } from './quarantine.ts';
import { simulateCommand } from './simulate.ts';
import { smokeCommand } from './smoke.ts';
import { sqlCommand } from './sql.ts';

/** Exit codes: 0 done, 1 bad input, 2 wrong usage. */
const BAD_INPUT = 1;
const WRONG_USAGE = 2;

function program(): Command {
  const wattline = new Command('wattline')
    .description(packageJson.description)
    .version(packageJson.version)
    .option('--verbose', 'log every step to standard error, and stack traces of errors')
    .exitOverride()
    .showHelpAfterError('(see wattline --help)');
  const boundary = [
    '--boundary <boundary>',
    `what the power readings cover, where no file says: ${BoundarySchema.options.join(', ')}`,
  ] as const;
  wattline
    .command('evaluate <folder>')
    .description('score a run folder (run.json), a folder of runs, or MLPerf results as published')
    .option('--json', 'the result as JSON on standard output')
    .option('--out <dir>', 'keep the store and the reports in this folder')
    .option(...boundary)
    .action((folder, options, command) =>
      evaluateCommand(folder, { ...command.optsWithGlobals(), ...options }),
    );
  wattline
    .command('compare')
    .description('compare a candidate set with a baseline set of the same workload and boundary')
    .requiredOption('--candidate <folder>', 'runs of the chip under test')
    .requiredOption('--baseline <folder>', 'runs of the GPU')
    .option('--policy <file>', 'gates to judge by; the packaged default otherwise')
    .option('--prices <file>', 'price basis; the one that the policy names otherwise')
    .option('--date <day>', 'day of the decision, YYYY-MM-DD; that of the last run otherwise')
    .option('--json', 'the decision as JSON on standard output')
    .option('--out <dir>', 'keep the store and the reports in this folder')
    .option(...boundary)
    .action((options, command) => compareCommand({ ...command.optsWithGlobals(), ...options }));
  wattline
    .command('ingest <files...>')
    .description('read files and print their receipts')
    .option('--json', 'the receipts as JSON on standard output')
    .option('--time-zone <zone>', 'zone of local time stamps: IANA name or offset')
    .option('--clock-offset-ms <ms>', 'added to every time stamp')
    .option('--format <id>', 'format, where the first bytes do not tell')
    .option(...boundary)
    .action((files, options, command) => ingestCommand(files, { ...command.optsWithGlobals(), ...options }));
  wattline
    .command('map <file>')
    .description('propose what the columns of a file of your own mean, as a mapping for run.json')
    .option('--run <file>', 'write the mapping into this run.json, and keep all else in it')
    .option('--pattern <glob>', 'files that the mapping is for; this one otherwise')
    .option('--time-zone <zone>', 'zone of local time stamps: IANA name or offset')
    .option('--json', 'the proposal as JSON on standard output')
    .option(...boundary)
    .addHelpText(
      'after',
      '\nExample:\n  wattline map runs/night-1/power/n3.csv --pattern "power/{node}.csv" --run runs/night-1/run.json',
    )
    .action((file, options, command) => mapCommand(file, { ...command.optsWithGlobals(), ...options }));
  wattline
    .command('quarantine <store>')
    .description('what a store (the --out of a command) could not read, and how to mend it')
    .option('--json', 'the same as JSON on standard output')
    .action((store, options) => quarantineCommand(store, options));
  wattline
    .command('import')
    .description('lay out published results as runs with manifests, ready to upload')
    .command('mlperf <folder>')
    .description('MLPerf Training results as published')
    .requiredOption('--to <dir>', 'folder to write <program>/<run>/… into')
    .option('--program <name>', 'program that the runs belong to', 'mlperf')
    .option('--role <role>', 'candidate or baseline', 'baseline')
    .option('--prefix <text>', 'before the name of each run', '')
    .option(...boundary)
    .action((folder, options, command) =>
      importMlperfCommand(folder, { ...command.optsWithGlobals(), ...options }),
    );
  wattline
    .command('demo')
    .description('run the whole way on a small simulated pilot, ending with a report to open')
    .option('--out <dir>', 'folder for the store and the reports', 'out/demo')
    .action((options, command) => demoCommand({ ...command.optsWithGlobals(), ...options }));
  wattline
    .command('decide <store>')
    .description(
      'read what is new in a store (landing/<program>/<run>/...), and decide a program for a night',
    )
    .option('--program <name>', 'the program; the only one of the store otherwise')
    .option('--night <day>', 'day of the decision, YYYY-MM-DD; that of the last run otherwise')
    .option('--json', 'the decision as JSON on standard output')
    .action((store, options, command) => decideCommand(store, { ...command.optsWithGlobals(), ...options }));
  wattline
    .command('simulate')
    .description(
      'write a whole simulated pilot as files of real formats, with the truth to judge a pipeline by',
    )
    .requiredOption('--out <dir>', 'new folder for landing/<program>/… and truth.json')
    .option('--spec <file>', 'spec of the pilot (wattline/pilot-spec@1); every field has a default')
    .option('--seed <n>', 'another seed is another pilot of the same spec')
    .option('--nights <n>', 'nights of the pilot')
    .option('--chips <n>', 'chips on each side')
    .option('--gain <ratio>', 'energy per token, candidate / baseline, for instance 0.9')
    .option('--json', 'what was written and what is true, as JSON on standard output')
    .action((options) => simulateCommand(options));
  wattline
    .command('cost')
    .description('what a fleet would cost on AWS a day, by service, and what the number rests on')
    .requiredOption('--chips <n>', 'chips that are watched')
    .requiredOption('--hz <rate>', 'readings of a chip a second')
    .requiredOption('--file-mb <size>', 'size of a file as uploaded, in MB')
    .option('--programs <n>', 'programs that the chips belong to', '1')
    .option('--retention-days <n>', 'days that uploads and results are kept', '365')
    .option('--json', 'the same as JSON on standard output')
    .action((options) => costCommand(options));
  wattline
    .command('smoke')
    .description('send a small simulated run of each role through a deployment, and check what comes out')
    .requiredOption('--landing <bucket>', 'LandingBucketName of the stack')
    .requiredOption('--lake <bucket>', 'LakeBucketName of the stack')
    .requiredOption('--reports <bucket>', 'ReportsBucketName of the stack')
    .option('--region <region>', 'region of the buckets; that of the environment or profile otherwise')
    .option('--endpoint-url <url>', 'server that stands in for S3')
    .option('--timeout <s>', 'seconds to wait for the reports', '300')
    .option('--keep', 'leave uploads and results where they are')
    .option('--json', 'what was seen and found, as JSON on standard output')
    .action((options) => smokeCommand(options));
  wattline
    .command('sql [query]')
    .description(
      'ask the lake of a store, with the tables that Athena has; on DuckDB, which is installed apart',
    )
    .option('--store <dir>', 'a store (the --out of a command)', 'out/demo')
    .option('--query <name>', 'a query of data/queries instead')
    .option('--program <name>', 'parameter of such a query; the only program of the store otherwise')
    .option('--run <name>', 'parameter of such a query')
    .option('--list', 'the queries of data/queries, and what each answers')
    .option('--json', 'the rows as JSON on standard output')
    .option('--csv', 'the rows as CSV on standard output')
    .action((query, options) => sqlCommand(query, options));
  return wattline;
}

/** One readable paragraph; the stack only for those who ask. */
function explain(error: unknown, isVerbose: boolean): string {
  if (isVerbose && error instanceof Error) return error.stack ?? error.message;
  if (error instanceof WattlineError) return `wattline: ${error.message}.`.replace(/\.\.$/, '.');
  return `wattline: ${error instanceof Error ? error.message : String(error)}. Run again with --verbose for more.`;
}

// Whoever reads may have had enough (`wattline ... | head`): no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

try {
  await program().parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : WRONG_USAGE;
  else {
    const isUsage = error instanceof WattlineError && error.code === 'usage';
    process.stderr.write(`${explain(error, process.argv.includes('--verbose'))}\n`);
    process.exitCode = isUsage ? WRONG_USAGE : BAD_INPUT;
  }
}
