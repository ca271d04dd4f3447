import { check, compare } from '../checks.ts';
import { execute } from '../night.ts';
import { contents, latestOf } from '../objects.ts';
import { BURST, isManifest } from '../uploads.ts';
import type { World } from '../world.ts';

interface Lists {
  readonly [key: string]: readonly string[];
}

async function linesOf({ deployment }: World): Promise<Lists> {
  const files = [...(await contents(deployment.stores.lake, 'nights/'))].filter(([key]) =>
    /\/runs-\w+\.jsonl$/.test(key),
  );
  return Object.fromEntries(
    files.map(([key, bytes]) => [
      key,
      bytes
        .toString('utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => (JSON.parse(line) as { run: string }).run),
    ]),
  );
}

/** The candidate's runs of one night, by the prefix of their names, through the machine of the night. */
export async function replay(world: World): Promise<void> {
  const { deployment, burst } = world;
  const { lake } = deployment.stores;
  const prefix = `${BURST}/n2-`;
  const wanted = burst
    .filter((o) => isManifest(o) && o.key.startsWith(prefix))
    .map(({ key }) => key.split('/')[1]);
  const decided = [...(await contents(lake, `decisions/program=${BURST}/`)).keys()];
  const date = decided.map((key) => /date=([\d-]+)\//.exec(key)?.[1]).find((d) => d !== undefined);
  const before = latestOf(await contents(lake, 'evaluations/'));
  const known = await linesOf(world);
  const { status } = await execute(deployment, JSON.stringify({ prefix, date }));
  check(`a replay of ${prefix} succeeded`, status === 'SUCCEEDED', status);
  const lists = Object.entries(await linesOf(world)).filter(([key]) => !(key in known));
  check(
    `it named the ${wanted.length} runs that begin so, and no other`,
    wanted.length > 0 &&
      lists.length === 1 &&
      [...(lists[0]?.[1] ?? [])].sort().join() === wanted.sort().join(),
    JSON.stringify(lists),
  );
  compare('evaluations after the replay', latestOf(await contents(lake, 'evaluations/')), before);
}
