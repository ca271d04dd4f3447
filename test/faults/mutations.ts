import { readFileSync, writeFileSync } from 'node:fs';
import { runMany } from './simulation/many.ts';
import { MUTATIONS, type Mutation } from './simulation/mutation.ts';

/** A rule that is broken has to be seen within as many schedules. */
const SCHEDULES = 1_000;
const PAGE = new URL('../../docs/reliability.md', import.meta.url);
const TABLE = /<!-- mutations -->[\s\S]*?<!-- \/mutations -->/;

interface Caught {
  readonly mutation: Mutation;
  /** Seed of the first schedule, from 1 on, that shows it; null: none does. */
  readonly seed: number | null;
  readonly failure: string;
}

/** Threads run ahead of each other: the smallest seed counts once every smaller one has been tried. */
async function firstCaught(mutation: Mutation): Promise<Caught> {
  const tried = new Set<number>();
  let seed: number | null = null;
  let failure = '';
  await runMany({ seed: 1, schedules: SCHEDULES, mutation: mutation.id }, (report) => {
    tried.add(report.seed);
    if (report.failures.length > 0 && (seed === null || report.seed < seed)) {
      seed = report.seed;
      failure = report.failures[0] ?? '';
    }
    return seed !== null && Array.from({ length: seed }, (_, i) => i + 1).every((s) => tried.has(s));
  });
  return { mutation, seed, failure };
}

/** Digests and keys say nothing to a reader: what was broken does. */
const short = (failure: string): string =>
  failure
    .replace(/\s*\(.*\)$/s, '')
    .replace(/ it: .*$/s, '')
    .replace(/(?<=redrive): .*$/s, '')
    .replace(/source=[0-9a-f]+\/[\w-]+/g, 'source=…/…')
    .replace(/\b[0-9a-f]{16,}\b/g, '…')
    .replaceAll('|', '\\|');

const row = ({ mutation, seed, failure }: Caught): string =>
  `| \`${mutation.id}\` | ${mutation.breaks} | ${seed ?? 'not seen'} | ${short(failure)} |`;

const caught: Caught[] = [];
for (const mutation of MUTATIONS) {
  const one = await firstCaught(mutation);
  caught.push(one);
  process.stdout.write(
    `${mutation.id}: ${one.seed === null ? 'not seen' : `seen in schedule ${one.seed}`}\n`,
  );
}
const table = [
  '<!-- mutations -->',
  '| broken on purpose | the rule | schedules until it is seen | seen as |',
  '|---|---|---:|---|',
  ...caught.map(row),
  '<!-- /mutations -->',
].join('\n');
const page = readFileSync(PAGE, 'utf8');
if (!TABLE.test(page))
  throw new Error('docs/reliability.md: expected the marks <!-- mutations --> and <!-- /mutations -->');
writeFileSync(
  PAGE,
  page.replace(TABLE, () => table),
);
process.exit(caught.every(({ seed }) => seed !== null) ? 0 : 1);
