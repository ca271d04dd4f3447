import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundle } from '../bench/bundle.ts';
import { sectionOf } from './section.ts';
import { soak } from './soak.ts';
import type { Programs } from './stack.ts';

const HELP = `npm run soak -- [options]

Uploads for a while to the deployed functions as processes of this machine, kills them, and compares what is left with
what a quiet run leaves (docs/reliability.md, which is given the result).

  --minutes N   for how long (60)
  --rate R      uploads a minute (20)
  --seed S      of the traffic and of what goes wrong (1)
  --folder F    a new folder for everything; kept when something is wrong (a temporary one)
  --no-write    leave docs/reliability.md as it is
  --help        this text
`;
const PAGE = new URL('../../docs/reliability.md', import.meta.url);
const MARKED = /<!-- soak -->[\s\S]*?<!-- \/soak -->/;

const { values } = parseArgs({
  allowNegative: true,
  options: {
    minutes: { type: 'string', default: '60' },
    rate: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    folder: { type: 'string' },
    write: { type: 'boolean', default: true },
    help: { type: 'boolean', default: false },
  },
});
const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

function positive(name: 'minutes' | 'rate' | 'seed'): number {
  const value = Number(values[name]);
  if (Number.isFinite(value) && value > 0) return value;
  say(`--${name} ${values[name]}: expected a number above 0`);
  return process.exit(2);
}

/** Everything that runs in a process of its own, as it is now: what is edited meanwhile changes nothing. */
async function bundleAll(folder: string): Promise<Programs> {
  const one = (entry: URL, name: string): Promise<string> =>
    bundle(fileURLToPath(entry), join(folder, `${name}.mjs`));
  const handler = (name: string): Promise<string> =>
    one(new URL(`../../functions/${name}/handler.ts`, import.meta.url), name);
  return {
    server: await one(new URL('./store-server.ts', import.meta.url), 'store-server'),
    worker: await one(new URL('./worker.ts', import.meta.url), 'worker'),
    functions: {
      ingest: await handler('ingest'),
      evaluate: await handler('evaluate'),
      reconcile: await handler('reconcile'),
      decide: await handler('decide'),
    },
  };
}

if (values.help) {
  say(HELP);
  process.exit(0);
}
const [minutes, rate, seed] = [positive('minutes'), positive('rate'), positive('seed')];
const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'wattline-soak-'));
mkdirSync(folder, { recursive: true });
const result = await soak({ folder, programs: await bundleAll(folder), minutes, rate, seed, say });
const section = sectionOf(result);
say(`\n${section}`);
if (values.write) {
  const page = readFileSync(PAGE, 'utf8');
  if (!MARKED.test(page))
    throw new Error('docs/reliability.md: expected the marks <!-- soak --> and <!-- /soak -->');
  writeFileSync(
    PAGE,
    page.replace(MARKED, () => `<!-- soak -->\n${section}\n<!-- /soak -->`),
  );
}
if (result.failures.length === 0) rmSync(folder, { recursive: true, force: true });
else say(`kept: ${folder}`);
process.exit(result.failures.length === 0 ? 0 : 1);
