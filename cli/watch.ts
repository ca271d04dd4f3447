import { InputError } from '../functions/core/errors.ts';
import { secondsOption } from './usage.ts';
import { teller } from './watch/events.ts';
import { watchPlace } from './watch/place.ts';

export interface WatchOptions {
  readonly out?: string;
  readonly settle: string;
  readonly poll: string;
  readonly once?: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** As a shell says of a program that Ctrl-C ended. */
const INTERRUPTED = 130;

/** `wattline watch`: reports that stay current as files arrive. Ctrl-C ends after the work at hand, twice at once. */
export async function watchCommand(folder: string, options: WatchOptions): Promise<void> {
  const settleMs = secondsOption('--settle', options.settle);
  const pollMs = secondsOption('--poll', options.poll);
  if (pollMs < settleMs)
    throw new InputError(
      'usage',
      `--poll ${options.poll}: below --settle ${options.settle}; expected at least as much`,
    );
  const place = watchPlace(folder, options.out);
  // The handlers take a second to load: what is wrong with the options is said before.
  const { watchFolder } = await import('./watch/watch-folder.ts');
  const end = new AbortController();
  const onSignal = (): void => {
    if (end.signal.aborted) process.exit(INTERRUPTED);
    end.abort();
    process.stderr.write('\nending after the work at hand; once more ends at once\n');
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    await watchFolder(place, {
      settleMs,
      pollMs,
      isOnce: options.once === true,
      tell: teller(options.json === true, () => new Date()),
      verbose: (line) => (options.verbose ? void process.stderr.write(`${line}\n`) : undefined),
      now: () => performance.now(),
      signal: end.signal,
    });
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}
