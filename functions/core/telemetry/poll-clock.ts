import { InputError } from '../errors.ts';
import type { ReadContext } from './formats/format.ts';
import { startTimeMs } from './time.ts';

/**
 * Times of a file that carries none: the first poll is at the rule's startTime, each further one periodMs later. A
 * poll reads every device once, so that a device which comes again begins the next one.
 *
 * @throws InputError `start-time-missing`, `period-missing`, and what `startTimeMs` throws.
 */
export class PollClock {
  private readonly startMs: number;
  private readonly context: ReadContext;
  private readonly seen = new Set<string>();
  private poll = 0;

  constructor(context: ReadContext) {
    this.context = context;
    this.startMs = startTimeMs(context);
  }

  /** Time of the poll that a reading of this device belongs to, in ms since the epoch. */
  at(device: string): number {
    if (this.seen.has(device)) {
      this.seen.clear();
      this.poll += 1;
    }
    this.seen.add(device);
    return this.startMs + (this.poll === 0 ? 0 : this.poll * this.periodMs());
  }

  private periodMs(): number {
    const { path, rule } = this.context;
    if (rule.periodMs !== undefined) return rule.periodMs;
    throw new InputError(
      'period-missing',
      `${path}: the file says no times and holds more than one poll; expected a periodMs for it in run.json`,
    );
  }
}
