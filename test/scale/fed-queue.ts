import { Agenda, type Timed } from './events.ts';

/** A message: when it came, and how long the function works on it. */
export interface Job {
  readonly arrivalS: number;
  readonly serviceS: number;
  /** Jobs of one group in one batch are done by the work of the first, as receipts of one run are. */
  readonly group?: number;
}

/** A queue, its event source mapping, and the function behind it. */
export interface FedQueue {
  /** Functions at work at the same time. */
  readonly atOnce: number;
  /** Batches that are read when a queue fills, and how many more a second while it stays full. */
  readonly pollers: number;
  readonly pollersPerS: number;
  readonly batchSize: number;
  /** A batch that is not full is waited for so long. */
  readonly batchWindowS: number;
  readonly callLimitS: number;
  readonly visibilityS: number;
  readonly maxReceives: number;
  /** Share of attempts that fail for no fault of the file. */
  readonly failureShare: number;
  readonly random: () => number;
}

export interface QueueRun {
  readonly done: number;
  readonly deadLetters: number;
  /** From arrival to the start of the call that finished it, s; one a job that was done. */
  readonly ages: Float64Array;
  /** From arrival to its own end, s. */
  readonly sojourns: Float64Array;
  /** Job and end of each that was done, in order. */
  readonly ends: readonly { readonly job: number; readonly atS: number }[];
  readonly calls: number;
  readonly retries: number;
  readonly busyS: number;
  readonly peakBusy: number;
  readonly peakWaiting: number;
  /** Integral over time of the jobs that are neither done nor dead, job-seconds. */
  readonly jobSeconds: number;
  readonly endS: number;
}

interface Event extends Timed {
  readonly kind: 'arrive' | 'free' | 'look';
  readonly job: number;
}

/** Follows messages one by one until every one is done or dead. The same for the same jobs, settings and seed. */
class Simulation {
  private readonly jobs: readonly Job[];
  private readonly settings: FedQueue;
  private readonly agenda = new Agenda<Event>();
  /** Waiting, oldest first; `head` is where it begins. */
  private readonly waiting: { readonly job: number; readonly sinceS: number }[] = [];
  private head = 0;
  private readonly receives: Uint16Array;
  private readonly ages: number[] = [];
  private readonly sojourns: number[] = [];
  private readonly ends: { job: number; atS: number }[] = [];
  private order = 0;
  private nowS = 0;
  private busy = 0;
  /** Since when more waits than is being read; null where nothing does. */
  private fullSinceS: number | null = null;
  private nextLookS = Number.NEGATIVE_INFINITY;
  private inSystem = 0;
  private readonly counts = { deadLetters: 0, calls: 0, retries: 0, busyS: 0, peakBusy: 0, peakWaiting: 0 };
  private jobSeconds = 0;
  private lastChangeS = 0;
  /** Changes of the number in the system that lie ahead: jobs end inside a call. */
  private readonly leaving = new Agenda<Timed>();

  constructor(jobs: readonly Job[], settings: FedQueue) {
    this.jobs = jobs;
    this.settings = settings;
    this.receives = new Uint16Array(jobs.length);
    for (const [job, { arrivalS }] of jobs.entries()) this.plan('arrive', arrivalS, job);
  }

  private plan(kind: Event['kind'], atS: number, job = -1): void {
    this.order += 1;
    this.agenda.add({ kind, atS, job, order: this.order });
  }

  run(): QueueRun {
    for (let event = this.agenda.take(); event; event = this.agenda.take()) {
      this.nowS = event.atS;
      if (event.kind === 'free') this.busy -= 1;
      if (event.kind === 'arrive') this.arrive(event.job);
      this.start();
    }
    this.passTo(Number.POSITIVE_INFINITY);
    return {
      done: this.ends.length,
      ages: Float64Array.from(this.ages),
      sojourns: Float64Array.from(this.sojourns),
      ends: [...this.ends].sort((a, b) => a.atS - b.atS || a.job - b.job),
      jobSeconds: this.jobSeconds,
      endS: this.lastChangeS,
      ...this.counts,
    };
  }

  private get length(): number {
    return this.waiting.length - this.head;
  }

  /** Adds up the number in the system until `atS`, jobs that leave before that included. */
  private passTo(atS: number): void {
    for (let next = this.leaving.next; next && next.atS <= atS; next = this.leaving.next) {
      this.leaving.take();
      this.advance(next.atS);
      this.inSystem -= 1;
    }
    if (Number.isFinite(atS)) this.advance(atS);
  }

  private advance(atS: number): void {
    this.jobSeconds += this.inSystem * (atS - this.lastChangeS);
    this.lastChangeS = atS;
  }

  private arrive(job: number): void {
    if ((this.receives[job] as number) === 0) {
      this.passTo(this.nowS);
      this.inSystem += 1;
    } else this.counts.retries += 1;
    this.waiting.push({ job, sinceS: this.nowS });
    this.counts.peakWaiting = Math.max(this.counts.peakWaiting, this.length);
  }

  /** Calls that the event source may have at work: it begins with a few and takes more while the queue stays full. */
  private allowed(): number {
    const { pollers, pollersPerS, atOnce } = this.settings;
    if (this.fullSinceS === null) return Math.min(atOnce, Math.max(pollers, this.busy));
    const more = Math.floor((this.nowS - this.fullSinceS) * pollersPerS + 1e-9);
    return Math.min(atOnce, pollers + more);
  }

  private start(): void {
    const { batchSize, batchWindowS, pollersPerS, atOnce } = this.settings;
    if (this.length === 0) this.fullSinceS = null;
    while (this.length > 0 && this.busy < this.allowed()) {
      const oldestS = (this.waiting[this.head] as { sinceS: number }).sinceS;
      if (this.length < batchSize && this.nowS < oldestS + batchWindowS) {
        this.look(oldestS + batchWindowS);
        return;
      }
      this.call();
    }
    if (this.length === 0) return;
    this.fullSinceS ??= this.nowS;
    if (this.busy < atOnce && this.busy >= this.allowed()) this.look(this.nowS + 1 / pollersPerS);
  }

  private look(atS: number): void {
    if (this.nextLookS > this.nowS && this.nextLookS <= atS) return;
    this.nextLookS = atS;
    this.plan('look', atS);
  }

  private call(): void {
    const { batchSize, callLimitS } = this.settings;
    const batch = this.waiting.slice(this.head, this.head + batchSize);
    this.head += batch.length;
    if (this.head > 10_000 && this.head * 2 > this.waiting.length) {
      this.waiting.splice(0, this.head);
      this.head = 0;
    }
    this.busy += 1;
    this.counts.calls += 1;
    this.counts.peakBusy = Math.max(this.counts.peakBusy, this.busy);
    let spentS = 0;
    const groups = new Set<number>();
    for (const { job } of batch) {
      const { serviceS, group } = this.jobs[job] as Job;
      const isShared = group !== undefined && groups.has(group);
      if (group !== undefined) groups.add(group);
      const neededS = isShared ? 0 : serviceS;
      const isInTime = spentS + neededS <= callLimitS;
      spentS = Math.min(callLimitS, spentS + neededS);
      this.attempted(job, isInTime, spentS);
    }
    this.counts.busyS += spentS;
    this.plan('free', this.nowS + spentS);
  }

  /** What became of one message of a call that began now. */
  private attempted(job: number, isInTime: boolean, spentS: number): void {
    const { failureShare, maxReceives, visibilityS, random } = this.settings;
    const count = (this.receives[job] as number) + 1;
    this.receives[job] = count;
    const endS = this.nowS + spentS;
    if (isInTime && !(failureShare > 0 && random() < failureShare)) {
      const { arrivalS } = this.jobs[job] as Job;
      this.ages.push(this.nowS - arrivalS);
      this.sojourns.push(endS - arrivalS);
      this.ends.push({ job, atS: endS });
      this.leave(endS);
      return;
    }
    if (count < maxReceives) this.plan('arrive', this.nowS + visibilityS, job);
    else {
      this.counts.deadLetters += 1;
      this.leave(this.nowS + visibilityS);
    }
  }

  private leave(atS: number): void {
    this.order += 1;
    this.leaving.add({ atS, order: this.order });
  }
}

/** Lets jobs pass through a queue and its function. */
export const simulateQueue = (jobs: readonly Job[], settings: FedQueue): QueueRun =>
  new Simulation(jobs, settings).run();

/** Quantile of numbers by nearest rank; 0 of none. */
export function quantile(values: Float64Array, share: number): number {
  if (values.length === 0) return 0;
  const sorted = values.slice().sort();
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] as number;
}
