import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { InputError } from '../functions/core/errors.ts';
import { type Opener, openerOf } from './open/browser.ts';
import { findPage } from './open/find-report.ts';
import { say, sayJson } from './terminal.ts';

export interface OpenOptions {
  readonly store?: string;
  readonly print?: boolean;
  readonly json?: boolean;
}

/** Ends once the opener did, which it does when it has handed the page over. */
const run = ({ command, args }: Opener): Promise<void> =>
  new Promise((done, failed) => {
    const child = spawn(command, args, { stdio: 'ignore' });
    child.on('error', failed);
    child.on('exit', (code) => (code === 0 ? done() : failed(new Error(`${command} ended with ${code}`))));
  });

/** `wattline open`: the newest report in the browser. */
export async function openCommand(what: 'report' | 'store', options: OpenOptions): Promise<void> {
  const path = resolve(findPage(what, options.store));
  const opener = options.print ? null : openerOf(path, process.platform, process.env);
  if (!options.print && opener === null)
    throw new InputError(
      'no-display',
      `${path} is the page, and there is no display to open it on (neither DISPLAY nor WAYLAND_DISPLAY is set); copy it to a machine with a browser, which needs nothing beside it`,
    );
  if (opener) {
    try {
      await run(opener);
    } catch (cause) {
      throw new InputError(
        'no-browser',
        `${path} is the page, and ${opener.command} could not open it (${(cause as Error).message})`,
        { cause },
      );
    }
  }
  if (options.json) sayJson({ schema: 'wattline/open@1', path, isOpened: opener !== null });
  else say(path);
}
