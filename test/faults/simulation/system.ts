import type { SQSRecord } from 'aws-lambda';
import type { VerdictEvent } from '../../../functions/core/decision/verdict-event.ts';
import { WattlineError } from '../../../functions/core/errors.ts';
import { handleNight } from '../../../functions/decide/decide-night.ts';
import { handleEvaluateQueue, handleRunRequest } from '../../../functions/evaluate/evaluate-queue.ts';
import { handleIngestQueue } from '../../../functions/ingest/ingest-queue.ts';
import { deadlineOf, withDeadline } from '../../../functions/platform/deadline.ts';
import type { Log } from '../../../functions/platform/log.ts';
import type { ObjectStore } from '../../../functions/platform/object-store.ts';
import { eventBridgeMessage, requeueMessage } from '../../../functions/platform/s3-events.ts';
import { S3Store } from '../../../functions/platform/s3-store.ts';
import type { NightRun } from '../../../functions/reconcile/night-runs.ts';
import { handleReconcile, type NightWork } from '../../../functions/reconcile/reconcile-night.ts';
import { Access } from './access.ts';
import { Bucket, type Reason, type Version } from './bucket.ts';
import type { Choices, Fault } from './choices.ts';
import type { Mutation } from './mutation.ts';
import { Queue } from './queue.ts';
import { s3Client } from './s3-client.ts';
import { type End, MINUTE_MS, type Task, type World } from './world.ts';

const ACCOUNT = '000000000000';
/** As infra/workers.ts deploys them. */
const READER_LIMIT_MS = 5 * MINUTE_MS;
const NIGHT_LIMIT_MS = 15 * MINUTE_MS;
/** As infra/nightly.ts has it. */
const RETRIES = 4;
const RETRY_MS = 10_000;
const SEND: readonly Fault[] = [
  'unavailable',
  'answer-lost',
  'sent-twice',
  'slow',
  'crash-before',
  'crash-after',
];
const SKEW_MS = 10 * MINUTE_MS;
const LATEST_EVENT_MS = 30 * MINUTE_MS;
/** Small, so that the outputs of small files are written in parts as well. */
const PART_BYTES = 1_024;
const QUIET: Log = { info: () => {}, error: () => {}, line: () => {} };

/** A write of a pointer, as it happened. */
export interface PointerMove {
  readonly key: string;
  readonly version: string;
}

/** As EventBridge tells of an object: with more in it than anybody reads. */
function eventOf(bucket: string, key: string, version: string, reason: Reason): string {
  const event = JSON.parse(eventBridgeMessage({ bucket, key, version, account: ACCOUNT }));
  Object.assign(event.detail, { version: '0', 'request-id': 'R', requester: ACCOUNT, reason });
  return JSON.stringify(event);
}

/** The deployed system: the product's handlers, its queues and its nightly machine, in a world that may do anything. */
export class System {
  readonly landing = new Bucket('landing');
  readonly lake = new Bucket('lake');
  readonly reports = new Bucket('reports');
  readonly ingest: Queue;
  readonly evaluate: Queue;
  readonly announced: VerdictEvent[] = [];
  readonly moves: PointerMove[] = [];
  /** Landing keys and lake keys of events that the bus lost. */
  readonly lost: string[] = [];
  /** Nightly machines that did not come to their end. */
  failedNights = 0;
  readonly access: Access;
  log: Log = QUIET;
  private readonly world: World;
  private readonly choices: Choices;
  private readonly mutation: Mutation | null;
  /** What a rule that is broken remembers between invocations. */
  private readonly memory = new Map<string, string>();

  constructor(world: World, choices: Choices, mutation: Mutation | null = null) {
    this.world = world;
    this.choices = choices;
    this.mutation = mutation;
    this.access = new Access(() => world.nowMs);
    this.ingest = new Queue(world, choices, {
      name: 'ingest',
      batchSize: 10,
      windowMs: 5_000,
      atOnce: 3,
      limitMs: READER_LIMIT_MS,
      invoke: (name, Records, onEnd) => this.invokeIngest(name, Records, onEnd),
    });
    this.evaluate = new Queue(world, choices, {
      name: 'evaluate',
      batchSize: 100,
      windowMs: 20_000,
      atOnce: 3,
      limitMs: READER_LIMIT_MS,
      invoke: (name, Records, onEnd) => this.invokeEvaluate(name, Records, onEnd),
    });
    this.landing.onPut = (version, reason) => this.emit(this.landing, version, reason, this.ingest);
    this.lake.onPut = (version, reason) => {
      if (version.key.startsWith('receipts/')) this.emit(this.lake, version, reason, this.evaluate);
      if (version.key.endsWith('/latest.json'))
        this.moves.push({ key: version.key, version: version.version });
    };
  }

  /** EventBridge: usually once, soon, in order. */
  private emit(bucket: Bucket, { key, version }: Version, reason: Reason, queue: Queue): void {
    const body = eventOf(bucket.name, key, version, reason);
    const place = `${bucket.name}/${key}`;
    const befalls = this.choices.depart(
      'event',
      3,
      (i) => `event of ${place} is ${['lost', 'sent twice', 'late'][i - 1]}`,
    );
    if (befalls === 1) this.lost.push(place);
    if (befalls === 1) return;
    if (befalls !== 3) queue.send(body);
    if (befalls === 2 || befalls === 3)
      this.world.at(this.world.nowMs + this.choices.quantity(LATEST_EVENT_MS), () => queue.send(body));
  }

  /** What an invocation is given, with clients of its own. */
  private dependencies(task: Task, limitMs: number) {
    const deadline = deadlineOf({ getRemainingTimeInMillis: () => limitMs });
    const store = (bucket: Bucket): ObjectStore =>
      withDeadline(
        new S3Store(bucket.name, s3Client(this.world, task, bucket, this.access), {
          partBytes: PART_BYTES,
          wait: (ms) => this.world.call(task, { label: 'wait', effect: () => undefined, delayMs: ms }),
          random: () => 0.5,
        }),
        deadline,
      );
    const stores: Record<'landing' | 'lake' | 'reports', ObjectStore> = {
      landing: store(this.landing),
      lake: store(this.lake),
      reports: store(this.reports),
    };
    const skew = this.choices.depart(
      'skew',
      2,
      (i) => `the clock of ${task.name} is ${i === 1 ? 'slow' : 'fast'}`,
    );
    const skewMs = [-SKEW_MS, SKEW_MS][skew - 1] ?? 0;
    return {
      ...stores,
      ...this.mutation?.stores?.(stores, this.memory),
      accountId: ACCOUNT,
      log: this.log,
      now: () => this.world.nowMs + skewMs,
      requeue: (object: { bucket: string; key: string; version: string }) =>
        this.send(task, 'requeue', () =>
          this.ingest.send(requeueMessage(object.bucket, object.key, object.version)),
        ),
      announce: (event: VerdictEvent) => this.send(task, 'announce', () => void this.announced.push(event)),
      runsAtOnce: { night: 10, replay: 2 },
    };
  }

  private send(task: Task, label: string, effect: () => void): Promise<void> {
    const answer = (): never => {
      throw Object.assign(new Error(`${label}: no answer`), { name: 'ServiceUnavailable' });
    };
    return this.world.call(task, { label, effect, faults: SEND, answer });
  }

  private invokeIngest(name: string, Records: SQSRecord[], onEnd: (end: End) => void): void {
    const handle = this.mutation?.batch?.(handleIngestQueue) ?? handleIngestQueue;
    const body = (task: Task) => handle({ Records }, this.dependencies(task, READER_LIMIT_MS));
    this.world.spawn(name, READER_LIMIT_MS, body, onEnd);
  }

  private invokeEvaluate(name: string, Records: SQSRecord[], onEnd: (end: End) => void): void {
    const body = (task: Task) => handleEvaluateQueue({ Records }, this.dependencies(task, READER_LIMIT_MS));
    this.world.spawn(name, READER_LIMIT_MS, body, onEnd);
  }

  /** The nightly machine: reconcile, evaluate what it names, decide. */
  night(startTime: string, onEnd: () => void = () => {}): void {
    const fail = (): void => {
      this.failedNights += 1;
      onEnd();
    };
    const reconcile = (task: Task) => handleReconcile({ startTime }, this.dependencies(task, NIGHT_LIMIT_MS));
    this.step(`reconcile-${startTime}`, reconcile, (end) => {
      if (end.kind !== 'done') return fail();
      const work = end.value as NightWork;
      this.map(
        this.runsOf(work).map((run) => (done: (end: End) => void) => {
          const body = (task: Task) => handleRunRequest(run, this.dependencies(task, READER_LIMIT_MS));
          this.step(`evaluate-${run.run}-${startTime}`, body, done);
        }),
        // Some runs may fail: the map tolerates it.
        () =>
          this.map(
            work.programs.map(({ program }) => (done: (end: End) => void) => {
              const body = (task: Task) =>
                handleNight({ program, date: work.date }, this.dependencies(task, NIGHT_LIMIT_MS));
              this.step(`decide-${program}-${startTime}`, body, done);
            }),
            (ends) => (ends.some((e) => e.kind !== 'done') ? fail() : onEnd()),
          ),
      );
    });
  }

  /** The map's reader looks into the lake itself. */
  private runsOf({ runsKey }: NightWork): NightRun[] {
    const text = Buffer.from(this.lake.find(runsKey)?.bytes ?? new Uint8Array(0)).toString('utf8');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as NightRun);
  }

  private map(jobs: readonly ((done: (end: End) => void) => void)[], onEnd: (ends: End[]) => void): void {
    const ends: End[] = [];
    if (jobs.length === 0) onEnd(ends);
    for (const job of jobs)
      job((end) => {
        ends.push(end);
        if (ends.length === jobs.length) onEnd(ends);
      });
  }

  /** A step of the machine: what the product calls transient is tried again; a crash is not. */
  private step(
    name: string,
    body: (task: Task) => Promise<unknown>,
    onEnd: (end: End) => void,
    tries = 0,
  ): void {
    // An invocation that the service says has failed is made again, and both run.
    const more = this.choices.depart('night', 2, (n) => `${name} is invoked ${n + 1} times at once`);
    for (let i = 1; i <= more; i += 1) this.world.spawn(`${name}-again-${i}`, NIGHT_LIMIT_MS, body, () => {});
    this.world.spawn(name, NIGHT_LIMIT_MS, body, (end) => {
      const isTransient = end.kind === 'failed' && end.error instanceof WattlineError && end.error.retryable;
      if (!isTransient || tries === RETRIES) return onEnd(end);
      this.world.at(this.world.nowMs + RETRY_MS * 2 ** tries, () => this.step(name, body, onEnd, tries + 1));
    });
  }
}
