import { join } from 'node:path';
import { InputError } from '../../functions/core/errors.ts';
import { parseLandingKey } from '../../functions/platform/landing.ts';
import type { Tell } from './events.ts';
import type { Keeper } from './keeper.ts';
import type { Settling, Stamp } from './settling.ts';
import { takeOver } from './take-over.ts';

/** `<program>/policy.json` and the like: files of a program that are no run's. */
const PROGRAM_FILE_PARTS = 2;
const NOT_ALLOWED = new Set(['EACCES', 'EPERM']);

/** What became of one file: `moving` ones are still being written. */
type Outcome = 'taken' | 'nothing' | 'moving';

/** Brings single files of a folder into the store that is kept current with it. */
export class Mirror {
  private readonly folder: string;
  private readonly settling: Settling;
  private readonly keeper: Keeper;
  private readonly tell: Tell;
  /** Files that cannot be opened, tried at every look and told of once. */
  private readonly closed = new Set<string>();

  constructor(folder: string, settling: Settling, keeper: Keeper, tell: Tell) {
    this.folder = folder;
    this.settling = settling;
    this.keeper = keeper;
    this.tell = tell;
  }

  async upload(key: string, stamp: Stamp): Promise<Outcome> {
    try {
      return await this.take(key, stamp);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return 'moving';
      const isName = error instanceof InputError;
      if (!isName && !NOT_ALLOWED.has(code ?? '')) throw error;
      if (!this.closed.has(key)) this.tell({ event: 'file', key, what: 'unreadable', reason: message });
      this.closed.add(key);
      return 'nothing';
    }
  }

  async remove(key: string): Promise<void> {
    await this.keeper.remove(key);
    this.settling.drop(key);
    if (isUploaded(key)) this.tell({ event: 'file', key, what: 'deleted' });
  }

  private async take(key: string, stamp: Stamp): Promise<Outcome> {
    if (!isUploaded(key)) {
      this.settling.accept(key, stamp);
      return 'nothing';
    }
    const isKnown = (await this.keeper.landing.head(key)) !== null;
    const taken = await takeOver(this.keeper.landing, key, join(this.folder, key));
    if (taken.kind === 'moving') return 'moving';
    this.closed.delete(key);
    this.settling.accept(key, taken.stamp);
    if (taken.kind === 'same') return 'taken';
    this.keeper.touch(key);
    this.tell({ event: 'file', key, what: isKnown ? 'changed' : 'new' });
    return 'taken';
  }
}

/**
 * Files of runs and of programs are uploaded; what lies beside the programs (a README, a collector) is not.
 *
 * @throws InputError for a name that no key may have
 */
const isUploaded = (key: string): boolean =>
  parseLandingKey(key) !== null || key.split('/').length === PROGRAM_FILE_PARTS;
