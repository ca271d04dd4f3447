import type { Fault } from '../cell.ts';
import { PollClock } from '../poll-clock.ts';
import { EARLIEST_MS, expectedTime, refuseUntimed, type TimeReader, timeReaderFor } from '../time.ts';
import type { ReadContext } from './format.ts';

const NUMBER = /^(\d+)(?:\.\d+)?$/;
/** By digits before the point, what a number of the years 2001 to 2286 counts in ms. */
const PER_MS: ReadonlyMap<number, number> = new Map([
  [10, 1e-3],
  [13, 1],
  [16, 1e3],
  [19, 1e6],
]);

function numberMs(text: string): number | null {
  const number = NUMBER.exec(text);
  const perMs = number && PER_MS.get((number[1] as string).length);
  return perMs ? Number(text) / perMs : null;
}

/** Times of resources: what is written with them, and the rule's poll clock where nothing is. */
export class ResourceClock {
  private readonly iso: TimeReader;
  private readonly ctime: TimeReader;
  private readonly context: ReadContext;
  private poll: PollClock | null = null;

  constructor(context: ReadContext) {
    this.context = context;
    this.iso = timeReaderFor(context);
    this.ctime = timeReaderFor(context, 'ctime');
  }

  /**
   * Time in ms since the epoch of a resource by the text with it ('': none); `device` is what a poll reads once.
   *
   * @throws InputError `time-zone-missing`, and what PollClock throws.
   */
  at(device: string, text: string): number | Fault {
    if (text !== '') return this.stated(text);
    this.poll ??= new PollClock(this.context);
    return this.poll.at(device);
  }

  /** The time that a text says. */
  stated(text: string): number | Fault {
    const timeMs = numberMs(text) ?? this.textMs(text);
    if (typeof timeMs === 'number' && timeMs >= EARLIEST_MS) return timeMs;
    const error = typeof timeMs === 'number' ? 'time-stamp' : timeMs;
    refuseUntimed(error, this.context.path, text);
    return {
      column: 'time',
      reason: error,
      expected: expectedTime(error, 'iso', this.context.rule.timeZone),
    };
  }

  private textMs(text: string) {
    const iso = this.iso.read(text);
    if (iso !== 'time-stamp') return iso;
    return this.ctime.read(text);
  }
}
