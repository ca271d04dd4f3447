import { CommanderError } from 'commander';
import { WattlineError } from '../functions/core/errors.ts';
import { explain } from './explain.ts';
import { overview } from './overview.ts';
import { wattlineProgram } from './program.ts';
import { usageText } from './usage-error.ts';

/** Exit codes: 0 done, 1 bad input, 2 wrong usage. The commands are registered in program.ts. */
const BAD_INPUT = 1;
const WRONG_USAGE = 2;

// Whoever reads may have had enough (`wattline ... | head`): no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const args = process.argv.slice(2);
const program = wattlineProgram();
try {
  if (args.length === 0) process.stdout.write(overview(program));
  else await program.parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : WRONG_USAGE;
    if (error.exitCode !== 0) process.stderr.write(`${usageText(program, args, error)}\n`);
  } else {
    const isUsage = error instanceof WattlineError && error.code === 'usage';
    process.stderr.write(`${await explain(error, args.includes('--verbose'))}\n`);
    process.exitCode = isUsage ? WRONG_USAGE : BAD_INPUT;
  }
}
