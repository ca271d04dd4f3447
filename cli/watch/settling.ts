/** What tells one state of a file from another without reading it. */
export type Stamp = string;

export interface Settled {
  /** New or other files, which nobody is writing any more. */
  readonly changed: readonly string[];
  readonly gone: readonly string[];
  /** Files that were seen to change, and are looked at again. */
  readonly open: number;
}

interface Sighting {
  /** null: not there. */
  readonly stamp: Stamp | null;
  readonly sinceMs: number;
}

/**
 * Tells files that are complete from those that are still being written: a change counts once two looks at least
 * `settleMs` apart saw the same. A file that is replaced in two steps (deleted, then written) is never seen as gone
 * if the second step comes within that time.
 */
export class Settling {
  private readonly settleMs: number;
  private readonly known: Map<string, Stamp>;
  private readonly sightings = new Map<string, Sighting>();

  constructor(settleMs: number, known: ReadonlyMap<string, Stamp> = new Map()) {
    this.settleMs = settleMs;
    this.known = new Map(known);
  }

  /** Takes a listing of the whole folder. What it returns stays open until `accept` or `drop` says it was dealt with. */
  look(listing: ReadonlyMap<string, Stamp>, nowMs: number): Settled {
    const changed: string[] = [];
    const gone: string[] = [];
    for (const [path, stamp] of listing)
      if (this.known.get(path) === stamp) this.sightings.delete(path);
      else if (this.isSettled(path, stamp, nowMs)) changed.push(path);
    for (const path of this.known.keys())
      if (!listing.has(path) && this.isSettled(path, null, nowMs)) gone.push(path);
    // Seen once, and gone before it was read.
    for (const path of this.sightings.keys())
      if (!listing.has(path) && !this.known.has(path)) this.sightings.delete(path);
    return { changed, gone, open: this.sightings.size - changed.length - gone.length };
  }

  /** The file was taken over as it was when it had this stamp. */
  accept(path: string, stamp: Stamp): void {
    this.known.set(path, stamp);
    this.sightings.delete(path);
  }

  drop(path: string): void {
    this.known.delete(path);
    this.sightings.delete(path);
  }

  get accepted(): ReadonlyMap<string, Stamp> {
    return this.known;
  }

  private isSettled(path: string, stamp: Stamp | null, nowMs: number): boolean {
    const before = this.sightings.get(path);
    if (before && before.stamp === stamp) return nowMs - before.sinceMs >= this.settleMs;
    this.sightings.set(path, { stamp, sinceMs: nowMs });
    return this.settleMs === 0;
  }
}
