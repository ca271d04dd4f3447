import { parseArgs } from 'node:util';
import { writeResults } from '../bench/document.ts';
import { markdown } from '../bench/section.ts';
import { assumptionNotes, limitTable, nights, plannedDay, sweep } from './sections.ts';

const SEED = 1;
const HELP = `npm run scale -- [options]

Simulates days of fleets file by file, from a thousand chips to ten million, with the measured time of a file, and
compares what comes out with the documented limits. Writes docs/scale.md.

  --seed N   another seed is another day (${SEED})
  --print    results on standard output alone
  --help     this text
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { seed: { type: 'string' }, print: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const seed = Number(values.seed ?? SEED);
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new Error(`--seed ${values.seed}: expected a whole number of at least 0`);
  const sections = [plannedDay(seed), limitTable(seed), sweep(seed), nights(), assumptionNotes()];
  const results = markdown([`Seed ${seed}.`], sections);
  process.stdout.write(results);
  if (sections.some(({ failures }) => failures.length > 0)) process.exitCode = 1;
  else if (!values.print) await writeResults('scale.md', 'npm run scale', results);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
