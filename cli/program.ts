import { type Argument, Command } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { registerBaseline } from './commands/baseline.ts';
import { registerCompare } from './commands/compare.ts';
import { registerCompletion } from './commands/completion.ts';
import { registerCost } from './commands/cost.ts';
import { registerDecide } from './commands/decide.ts';
import { registerDemo } from './commands/demo.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerEvaluate } from './commands/evaluate.ts';
import { registerImport } from './commands/import.ts';
import { registerIngest } from './commands/ingest.ts';
import { registerInit } from './commands/init.ts';
import { registerMap } from './commands/map.ts';
import { registerOpen } from './commands/open.ts';
import { registerPush } from './commands/push.ts';
import { registerQuarantine } from './commands/quarantine.ts';
import { registerSimulate } from './commands/simulate.ts';
import { registerSmoke } from './commands/smoke.ts';
import { registerSql } from './commands/sql.ts';
import { registerWatch } from './commands/watch.ts';

/**
 * In the order of the overview; a new command is a line here. Each says of itself what it takes, and loads its code
 * only when it runs.
 */
const COMMANDS: readonly ((program: Command) => void)[] = [
  registerDemo,
  registerInit,
  registerDoctor,
  registerSimulate,
  registerCompletion,
  registerEvaluate,
  registerBaseline,
  registerIngest,
  registerMap,
  registerImport,
  registerPush,
  registerDecide,
  registerCompare,
  registerWatch,
  registerOpen,
  registerQuarantine,
  registerSql,
  registerSmoke,
  registerCost,
];

const WIDTH = 80;

/** The command line as a tree, which help, completion and docs/cli.md are made from. */
export function wattlineProgram(): Command {
  const program = new Command('wattline')
    .description(packageJson.description)
    .version(packageJson.version)
    .option('--verbose', 'log every step to standard error, and stack traces of errors')
    .exitOverride()
    // main.ts prints errors of usage in Wattline's own form.
    .configureOutput({ outputError: () => {}, getOutHelpWidth: () => helpWidth(process.stdout.columns) })
    .configureHelp({
      showGlobalOptions: true,
      // The version is no business of a command's.
      visibleGlobalOptions: ({ parent }) => parent?.options.filter(({ long }) => long === '--verbose') ?? [],
      subcommandTerm: (command) => [command.name(), ...command.registeredArguments.map(termOf)].join(' '),
    })
    // For `help`, which is nobody's.
    .commandsGroup('Start:')
    .addHelpText('after', '\nwattline <command> --help says what a command does, with an example.');
  for (const register of COMMANDS) register(program);
  return program;
}

/** Help is read as prose: no wider than a page, and no narrower than its columns allow. */
const helpWidth = (columns: number | undefined): number => Math.min(columns ?? WIDTH, WIDTH);

function termOf(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}
