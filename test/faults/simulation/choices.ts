/** What the world may do to a call; `none` is what a quiet world does. */
export type Fault =
  | 'none'
  /** 503 for as long as the client tries; nothing happened. */
  | 'unavailable'
  /** It happened, and the answer never came. */
  | 'answer-lost'
  /** It happened, the answer was lost, and the SDK sent it once more. */
  | 'sent-twice'
  /** 409, which S3 gives to conditional writes that collide. */
  | 'conflict'
  | 'slow'
  /** A body that ends before its length. */
  | 'cut'
  /** A body that stops and never goes on. */
  | 'stalled'
  | 'crash-before'
  | 'crash-after';

type Kind = 'order' | 'call' | 'event' | 'upload' | 'skew' | 'night' | 'pace' | 'access';

/** How often, of a thousand, the world departs from quiet; drawn anew for each schedule, so that schedules differ. */
const LEVELS: Record<Kind, readonly number[]> = {
  order: [0, 100, 400, 900],
  call: [0, 5, 20, 60],
  event: [0, 30, 150, 400],
  upload: [0, 200, 600],
  skew: [0, 300],
  night: [0, 500, 900],
  pace: [0, 150, 500],
  access: [0, 0, 500],
};

/** A schedule: the seed says all of it; `only` leaves out every departure but those with these numbers. */
export interface Plan {
  readonly seed: number;
  readonly only?: readonly number[];
  /** Uploads that take place, by their place in the pilot; all where it is absent. */
  readonly uploads?: readonly number[];
}

export interface Departure {
  readonly at: number;
  readonly what: string;
}

/** A 32-bit hash of two numbers (the finaliser of MurmurHash3, twice). */
function mix(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 1, 0xc2b2ae35);
  for (let i = 0; i < 2; i += 1) {
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    h ^= h >>> 16;
  }
  return h >>> 0;
}

/**
 * Every decision of the world, by number. The draw of one depends on the seed and its number alone, so that a departure
 * can be taken out of a schedule, and what remains stays as it was for as long as the system does the same.
 */
export class Choices {
  readonly departures: Departure[] = [];
  /** Set when the faults are over: from then on the world is quiet. */
  isQuiet: boolean;
  private at = 0;
  private readonly only: ReadonlySet<number> | null;
  private readonly levels: ReadonlyMap<Kind, number>;
  private readonly seed: number;

  constructor(plan: Plan | null) {
    this.seed = plan?.seed ?? 0;
    this.isQuiet = plan === null;
    this.only = plan?.only ? new Set(plan.only) : null;
    this.levels = new Map(
      Object.entries(LEVELS).map(([kind, levels], i) => [
        kind as Kind,
        levels[mix(this.seed, -1 - i) % levels.length] as number,
      ]),
    );
  }

  /** 0 for what a quiet world does, else one of 1 to `others`. */
  depart(kind: Kind, others: number, describe: (choice: number) => string): number {
    const at = this.at;
    this.at += 1;
    if (this.isQuiet || others < 1 || (this.only && !this.only.has(at))) return 0;
    const draw = mix(this.seed, at);
    if (draw % 1000 >= (this.levels.get(kind) as number)) return 0;
    const choice = 1 + (mix(draw, at) % others);
    this.departures.push({ at, what: `${kind}: ${describe(choice)}` });
    return choice;
  }

  /** How much, of what the last departure brought: 1 to `limit`. */
  quantity(limit: number): number {
    return 1 + (mix(this.seed ^ 0x51ed27, this.at) % limit);
  }
}
