import type { Tell } from './events.ts';
import { Keeper } from './keeper.ts';
import { Mirror } from './mirror.ts';
import { knownFiles, rememberFiles, type WatchPlace } from './place.ts';
import { scan } from './scan.ts';
import { Settling } from './settling.ts';
import { Wake } from './wake.ts';

export interface WatchSettings {
  /** A file counts as complete once it has not changed for so long. */
  readonly settleMs: number;
  /** Longest time between two looks at the folder. */
  readonly pollMs: number;
  /** Ends once all that is there was read. */
  readonly isOnce: boolean;
  readonly tell: Tell;
  readonly verbose: (line: string) => void;
  /** Monotonic, ms. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** Keeps the store of a folder current until the signal aborts. Work that has begun is ended first. */
export async function watchFolder(place: WatchPlace, settings: WatchSettings): Promise<void> {
  const { tell, signal, settleMs, pollMs } = settings;
  const settling = new Settling(settleMs, knownFiles(place.store));
  const keeper = new Keeper(place.store, tell, settings.verbose);
  const mirror = new Mirror(place.folder, settling, keeper, tell);
  // Before the first look: what comes after it is heard of.
  const wake = new Wake(place.folder, (reason) => tell(blind(place, pollMs, reason)), signal);
  tell({ event: 'watching', ...place, files: (await scan(place.folder)).size });
  rememberFiles(place, settling.accepted);
  try {
    await keeper.begin();
    await keeper.work();
    while (!signal.aborted) {
      const isSettled = await lookOnce(place, settling, keeper, mirror, settings);
      if (settings.isOnce && isSettled) break;
      if (!signal.aborted) await wake.wait(isSettled ? pollMs : settleMs);
    }
  } finally {
    wake.close();
  }
  tell({ event: 'stopped' });
}

/** One look at the folder, and the work that it gives; true where no file is still being written. */
async function lookOnce(
  place: WatchPlace,
  settling: Settling,
  keeper: Keeper,
  mirror: Mirror,
  { signal, now }: WatchSettings,
): Promise<boolean> {
  const listing = await scan(place.folder);
  const { changed, gone, open } = settling.look(listing, now());
  let moving = 0;
  let taken = 0;
  for (const key of changed) {
    if (signal.aborted) break;
    const outcome = await mirror.upload(key, listing.get(key) as string);
    if (outcome === 'moving') moving += 1;
    if (outcome === 'taken') taken += 1;
  }
  for (const key of gone) await mirror.remove(key);
  if (taken + gone.length > 0) {
    await keeper.work();
    rememberFiles(place, settling.accepted);
  }
  return open + moving === 0;
}

const blind = ({ folder }: WatchPlace, pollMs: number, reason: string) =>
  ({
    event: 'problem',
    about: folder,
    reason: `the system does not tell of changes (${reason}); looking every ${pollMs / 1000} s instead`,
  }) as const;
