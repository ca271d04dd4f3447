import { Choices } from './choices.ts';
import { finalOf, pointed, type Quiet, type Reference } from './oracle.ts';
import { carryOut, PROGRAM, RUNS, UPLOADS, type Upload } from './pilot.ts';
import { runSystem } from './schedule.ts';
import { System } from './system.ts';
import { World } from './world.ts';

/** How many uploads of each key of a run there have been, the manifest's among them. */
type Counts = readonly number[];

interface Tried {
  readonly etags: Map<string, string>;
  readonly progress: Map<string, Map<string, Counts[]>>;
}

const pointer = (run: string): string => `evaluations/program=${PROGRAM}/run=${run}/latest.json`;
const NOTHING = (): void => {};

/** Every state that the uploads of one run can be in, by how many of each key there have been. */
function statesOf(run: string): { keys: string[]; states: Counts[] } {
  const own = UPLOADS.filter(({ key }) => key.startsWith(`${PROGRAM}/${run}/`));
  const keys = [...new Set(own.map(({ key }) => key))];
  let states: Counts[] = [[]];
  for (const key of keys) {
    const count = own.filter((u) => u.key === key).length;
    states = states.flatMap((s) => Array.from({ length: count + 1 }, (_, i) => [...s, i]));
  }
  return { keys, states };
}

/** What one state leads to, where only the newest of each key is told of. */
async function settle(keys: readonly string[], counts: Counts): Promise<System> {
  const choices = new Choices(null);
  const world = new World(choices, 0);
  const system = new System(world, choices);
  const tell = system.landing.onPut;
  for (const [i, key] of keys.entries()) {
    const uploads = UPLOADS.filter((u) => u.key === key).slice(0, counts[i]);
    for (const [j, upload] of uploads.entries()) {
      system.landing.onPut = j === uploads.length - 1 ? tell : NOTHING;
      carryOut(system.landing, upload);
    }
  }
  await world.rest();
  return system;
}

async function tryAll(): Promise<Tried> {
  const tried: Tried = { etags: new Map(), progress: new Map() };
  for (const run of RUNS) {
    const progress = new Map<string, Counts[]>();
    tried.progress.set(run, progress);
    const { keys, states } = statesOf(run);
    for (const counts of states) {
      const { lake } = await settle(keys, counts);
      for (const { key, etag } of lake.list('')) tried.etags.set(key, etag);
      const digest = pointed(lake, pointer(run))?.digest;
      // The same bytes uploaded again, or taken away again, are a state that looks like another.
      if (digest !== undefined) progress.set(digest, [...(progress.get(digest) ?? []), counts]);
    }
  }
  return tried;
}

/** Quiet runs are made once a process. */
export function makeReference(): Reference {
  let tried: Promise<Tried> | null = null;
  const all = (): Promise<Tried> => {
    tried ??= tryAll();
    return tried;
  };
  const quiets = new Map<string, Promise<Quiet>>();
  const quietRun = async (uploads: readonly Upload[]): Promise<Quiet> => {
    const { system } = await runSystem(null, uploads, null, NOTHING);
    const digests = RUNS.flatMap((run) => {
      const digest = pointed(system.lake, pointer(run))?.digest;
      return digest === undefined ? [] : [[run, digest] as const];
    });
    const shrunk = uploads.flatMap(({ key, body }) => (body ? [] : [key.split('/')[1] as string]));
    return { final: finalOf(system), digests: new Map(digests), shrunk: new Set(shrunk) };
  };
  return {
    quietOf: (uploads) => {
      const name = uploads.map((u) => UPLOADS.indexOf(u)).join();
      const known = quiets.get(name) ?? quietRun(uploads);
      quiets.set(name, known);
      return known;
    },
    possible: async () => (await all()).etags,
    progressOf: async (run) => (await all()).progress.get(run) ?? new Map(),
    seen: new Map(),
  };
}
