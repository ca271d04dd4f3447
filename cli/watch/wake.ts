import { type FSWatcher, watch } from 'node:fs';

/**
 * Waits for a change below a folder, for a time at most, or for the end. Events of the system are a hint and no more:
 * network drives send none, and systems lose some, so that the folder is looked at from time to time anyway.
 */
export class Wake {
  private readonly watcher: FSWatcher | null;
  private isDue = false;
  private wakeUp: () => void = () => {};

  constructor(folder: string, onBlind: (reason: string) => void, signal: AbortSignal) {
    this.watcher = this.start(folder, onBlind);
    signal.addEventListener('abort', () => {
      this.close();
      this.hint();
    });
  }

  /** Until something may have changed, or `ms` have passed. */
  async wait(ms: number): Promise<void> {
    if (!this.isDue)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.wakeUp = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    this.isDue = false;
  }

  close(): void {
    this.watcher?.close();
  }

  private hint(): void {
    this.isDue = true;
    this.wakeUp();
  }

  private start(folder: string, onBlind: (reason: string) => void): FSWatcher | null {
    try {
      const watcher = watch(folder, { recursive: true, persistent: false }, () => this.hint());
      watcher.on('error', (error) => onBlind(error.message));
      return watcher;
    } catch (error) {
      onBlind((error as Error).message);
      return null;
    }
  }
}
