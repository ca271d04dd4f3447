import type { ReadContext } from '../formats/format.ts';
import { PollClock } from '../poll-clock.ts';
import { refuseUntimed, type TimeReader, timeReaderFor } from '../time.ts';
import { pageStamp } from './page-stamp.ts';

/** What the clock of pages without times sees again on each of them. */
const EVERY_PAGE = 'page';

/**
 * Times of pages. Those that a collector wrote between them count; pages behind one which tell of other chips are of
 * the same time, and one that tells of a chip again is a period later. Where none is written before the first page,
 * times are run.json's startTime and periodMs.
 */
export class PageClock {
  private readonly context: ReadContext;
  private readonly readers = new Map<string, TimeReader>();
  private readonly seen = new Set<string>();
  private unstamped: PollClock | null = null;
  private stamped: PollClock | null = null;
  private lastMs = Number.NaN;

  constructor(context: ReadContext) {
    this.context = context;
  }

  /**
   * Takes the time that a line says of the pages behind it; false where it says none. A time without a zone is
   * passed over where run.json gives a startTime and no zone.
   *
   * @throws InputError `time-zone-missing`.
   */
  stamp(line: string): boolean {
    const stamp = pageStamp(line);
    if (!stamp) return false;
    let reader = this.readers.get(stamp.form);
    if (!reader) {
      reader = timeReaderFor(this.context, stamp.form);
      this.readers.set(stamp.form, reader);
    }
    const timeMs = reader.read(stamp.text);
    const { path, rule } = this.context;
    if (typeof timeMs !== 'number') {
      if (rule.startTime === undefined) refuseUntimed(timeMs, path, stamp.text);
      return false;
    }
    if (this.unstamped) return true;
    const startTime = new Date(timeMs).toISOString();
    this.stamped = new PollClock({ path, rule: { ...rule, startTime } });
    this.seen.clear();
    return true;
  }

  /** Time of the next page, which tells of these chips, after `empty` pages that told of none. */
  at(chips: readonly string[], empty: number): number {
    if (this.stamped) return this.behindStamp(this.stamped, chips);
    this.unstamped ??= new PollClock(this.context);
    for (let page = 0; page < empty; page += 1) this.unstamped.at(EVERY_PAGE);
    return this.unstamped.at(EVERY_PAGE);
  }

  private behindStamp(clock: PollClock, chips: readonly string[]): number {
    if (chips.some((chip) => this.seen.has(chip))) this.seen.clear();
    const isAgain = this.seen.size === 0;
    for (const chip of chips) this.seen.add(chip);
    if (isAgain) this.lastMs = clock.at(EVERY_PAGE);
    return this.lastMs;
  }
}
