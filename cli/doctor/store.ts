import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseLandingKey } from '../../functions/platform/landing.ts';
import { MANIFEST_NAME } from '../../functions/platform/layout.ts';
import { readQuarantine } from '../../functions/platform/quarantine.ts';
import { directoryStores } from '../pipeline.ts';
import { filesBelow, isFolder } from '../run-files.ts';
import { type Check, fail, ok, warn } from './check.ts';

const SIDE = '.versions';

/** Locks and half-written versions that a process left which was cut off; one at work has some too. */
function leftovers(store: string): string[] {
  return ['landing', 'lake', 'reports'].flatMap((name) => {
    const side = join(store, name, SIDE);
    if (!existsSync(side)) return [];
    return readdirSync(side).flatMap((key) =>
      readdirSync(join(side, key))
        .filter((file) => file === 'lock' || file.endsWith('.part'))
        .map((file) => join(side, key, file)),
    );
  });
}

function leftoverCheck(store: string): Check {
  const left = leftovers(store);
  if (left.length === 0) return ok('leftovers', 'none of a command that was cut off');
  return warn(
    'leftovers',
    `${left.length} locks or half-written files, ${left[0]} the first`,
    'while no command works on the store, delete them; a lock that stays keeps its file from being written',
  );
}

interface Runs {
  readonly all: number;
  readonly evaluated: number;
  readonly headless: readonly string[];
}

function runsOf(store: string): Runs {
  const runs = new Map<string, boolean>();
  for (const path of filesBelow(join(store, 'landing'))) {
    const place = placeOf(path);
    if (!place) continue;
    const name = `${place.program}/${place.run}`;
    runs.set(name, runs.get(name) === true || place.path === MANIFEST_NAME);
  }
  const evaluated = [...runs.keys()].filter((name) => {
    const [program, run] = name.split('/');
    return existsSync(join(store, 'lake', 'evaluations', `program=${program}`, `run=${run}`, 'latest.json'));
  });
  const headless = [...runs].filter(([, hasManifest]) => !hasManifest).map(([name]) => name);
  return { all: runs.size, evaluated: evaluated.length, headless };
}

function placeOf(path: string): ReturnType<typeof parseLandingKey> {
  try {
    return parseLandingKey(path);
  } catch {
    return null;
  }
}

function runsCheck(store: string): Check {
  const { all, evaluated, headless } = runsOf(store);
  if (all === 0)
    return warn('runs', 'none', 'put <program>/<run>/run.json and its files into its landing folder');
  const found = `${evaluated} of ${all} evaluated`;
  if (headless.length > 0)
    return warn(
      'runs',
      `${found}; ${headless.length} without run.json, ${headless[0]} the first`,
      'add run.json',
    );
  if (evaluated < all)
    return warn(
      'runs',
      found,
      `wattline decide ${store} reads what is new; wattline quarantine ${store} says what could not be read`,
    );
  return ok('runs', found);
}

async function quarantineCheck(store: string): Promise<Check> {
  const files = await readQuarantine(directoryStores(store));
  const refused = files.filter(({ status }) => status !== 'accepted');
  if (refused.length > 0)
    return warn(
      'quarantine',
      `${refused.length} files were not read`,
      `wattline quarantine ${store} says why`,
    );
  const rows = files.reduce((sum, { rejected }) => sum + rejected, 0);
  return ok('quarantine', rows === 0 ? 'empty' : `no file; ${rows} single rows in ${files.length} files`);
}

/** A folder that `--out` of a command named. */
export async function storeChecks(store: string): Promise<Check[]> {
  if (!isFolder(join(store, 'landing')) || !isFolder(join(store, 'lake')))
    return [
      fail(
        'store',
        `${store} is none: no landing and lake in it`,
        'name a folder that --out of a command named, such as out/demo',
      ),
    ];
  const hasReport = existsSync(join(store, 'reports', 'index.html'));
  return [
    ok('store', store),
    runsCheck(store),
    await quarantineCheck(store),
    leftoverCheck(store),
    hasReport
      ? ok('reports', join(store, 'reports', 'index.html'))
      : warn('reports', 'nothing was decided yet', `wattline decide ${store}`),
  ];
}
