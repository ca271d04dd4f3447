import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { Random } from '../../cli/simulate/random.ts';
import { type VerdictEvent, VerdictEventSchema } from '../../functions/core/decision/verdict-event.ts';
import { DirectoryStore } from '../../functions/platform/directory-store.ts';
import { readNightRuns } from '../../functions/reconcile/night-runs.ts';
import type { NightWork } from '../../functions/reconcile/reconcile-night.ts';
import { MEMORY_ENVIRONMENT } from '../../infra/memory-environment.ts';
import { type End, Instance } from './instance.ts';
import { LiveQueue } from './live-queue.ts';
import type { StoreNews } from './store-server.ts';

export const ACCOUNT = '000000000000';

/** Bundles of everything that runs in a process of its own, by name. */
export interface Programs {
  readonly server: string;
  readonly worker: string;
  readonly functions: Readonly<Record<'ingest' | 'evaluate' | 'reconcile' | 'decide', string>>;
}

export interface StackProps {
  readonly folder: string;
  readonly programs: Programs;
  readonly seed: number;
  /** Of a hundred invocations of instances that do not live on. */
  readonly killPercent: number;
}

/** A write of a pointer, as it happened. */
export interface PointerMove {
  readonly key: string;
  readonly version: string;
}

const INSTANCE_LIMIT_MS = 120_000;
const VISIBILITY_MS = 8_000;
const STEP_TRIES = 5;
const STEP_WAIT_MS = 1_000;

/** The deployed system as processes of one machine: bundles of the functions, queues, a store that speaks S3. */
export class Stack {
  readonly landing: DirectoryStore;
  readonly lake: DirectoryStore;
  readonly reports: DirectoryStore;
  readonly ingest: LiveQueue;
  readonly evaluate: LiveQueue;
  readonly instances: readonly Instance[];
  readonly moves: PointerMove[] = [];
  readonly announced: VerdictEvent[] = [];
  readonly faults = new Map<string, number>();
  readonly counts = { storeKills: 0, leftovers: 0, nights: 0, failedNights: 0, inParts: 0, objects: 0 };
  readonly port: number;
  private server: ChildProcess;
  private isFaulty = false;
  private readonly props: StackProps;
  private readonly nightly: Readonly<Record<'reconcile' | 'decide' | 'evaluate', Instance>>;

  private constructor(props: StackProps, server: ChildProcess, port: number) {
    this.props = props;
    this.server = server;
    this.port = port;
    const { folder, programs, seed, killPercent } = props;
    const store = (name: string): DirectoryStore => new DirectoryStore(name, join(folder, name));
    this.landing = store('landing');
    this.lake = store('lake');
    this.reports = store('reports');
    const endpoint = `http://127.0.0.1:${port}`;
    const environment = {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'soak',
      AWS_SECRET_ACCESS_KEY: 'soak',
      LANDING_BUCKET: 'landing',
      LAKE_BUCKET: 'lake',
      REPORTS_BUCKET: 'reports',
      INGEST_QUEUE_URL: `${endpoint}/${ACCOUNT}/ingest`,
      EVENT_BUS_NAME: 'default',
      NIGHT_RUNS_AT_ONCE: '10',
      REPLAY_RUNS_AT_ONCE: '2',
      ACCOUNT_ID: ACCOUNT,
      WATTLINE_NAMESPACE: 'Wattline',
      TMPDIR: join(folder, 'tmp'),
      ...MEMORY_ENVIRONMENT,
    };
    const instance = (name: keyof Programs['functions'], which: string, percent: number): Instance =>
      new Instance({
        name: `${name} ${which}`,
        runner: programs.worker,
        bundle: programs.functions[name],
        environment,
        limitMs: INSTANCE_LIMIT_MS,
        killPercent: percent,
        random: new Random(seed, name, which),
      });
    const ingest = [instance('ingest', 'steady', 0), instance('ingest', 'killed', killPercent)];
    const evaluate = [instance('evaluate', 'steady', 0), instance('evaluate', 'killed', killPercent)];
    this.nightly = {
      reconcile: instance('reconcile', 'of nights', killPercent),
      decide: instance('decide', 'of nights', killPercent),
      evaluate: instance('evaluate', 'of nights', killPercent),
    };
    this.instances = [...ingest, ...evaluate, ...Object.values(this.nightly)];
    const queue = (name: string, batchSize: number, windowMs: number, of: readonly Instance[]): LiveQueue =>
      new LiveQueue({
        name,
        batchSize,
        windowMs,
        visibilityMs: VISIBILITY_MS,
        maxReceives: 5,
        instances: of,
        random: new Random(seed, 'queue', name),
      });
    this.ingest = queue('ingest', 10, 500, ingest);
    this.evaluate = queue('evaluate', 100, 2_000, evaluate);
    this.listen(server);
  }

  static async start(props: StackProps): Promise<Stack> {
    const { child, port } = await startServer(props, 0);
    return new Stack(props, child, port);
  }

  setFaulty(isFaulty: boolean): void {
    this.isFaulty = isFaulty;
    for (const part of [this.ingest, this.evaluate, ...this.instances]) part.isFaulty = isFaulty;
    this.server.send(isFaulty ? 'faults' : 'quiet');
  }

  private listen(server: ChildProcess): void {
    server.on('message', (news: StoreNews) => {
      if (news.kind === 'put') this.hear(news);
      else if (news.kind === 'message') this.ingest.send(news.body);
      else if (news.kind === 'verdict')
        this.announced.push(VerdictEventSchema.parse(JSON.parse(news.detail)));
      else if (news.kind === 'fault') this.faults.set(news.what, (this.faults.get(news.what) ?? 0) + 1);
    });
  }

  private hear({ bucket, key, version, reason }: Extract<StoreNews, { kind: 'put' }>): void {
    this.counts.objects += 1;
    if (reason === 'CompleteMultipartUpload') this.counts.inParts += 1;
    if (key.endsWith('/latest.json')) this.moves.push({ key, version });
    const isInput = bucket === 'landing';
    if (!isInput && !(bucket === 'lake' && key.startsWith('receipts/'))) return;
    const body = JSON.stringify({
      version: '0',
      source: 'aws.s3',
      'detail-type': 'Object Created',
      account: ACCOUNT,
      time: new Date().toISOString(),
      detail: { bucket: { name: bucket }, object: { key, 'version-id': version }, reason },
    });
    (isInput ? this.ingest : this.evaluate).send(body, true);
  }

  /** Kills the store in whatever it does, and starts it again where it was. */
  async killStore(): Promise<void> {
    const gone = new Promise((resolve) => this.server.once('exit', resolve));
    this.server.kill('SIGKILL');
    await gone;
    this.counts.storeKills += 1;
    const { child, leftovers } = await startServer(this.props, this.port);
    this.counts.leftovers += leftovers;
    this.server = child;
    this.listen(child);
    this.server.send(this.isFaulty ? 'faults' : 'quiet');
  }

  /** The nightly machine: reconcile, evaluate what it names, decide. A step that is killed ends it. */
  async night(date: string): Promise<boolean> {
    this.counts.nights += 1;
    const startTime = `${date}T02:00:00Z`;
    const work = await this.step('reconcile', { startTime, input: {} });
    if (work.kind !== 'done') return this.failNight();
    const { runsKey, programs } = work.value as NightWork;
    for (const run of await readNightRuns(this.lake, runsKey)) await this.step('evaluate', run);
    let isWhole = true;
    for (const { program } of programs)
      if ((await this.step('decide', { program, date })).kind !== 'done') isWhole = false;
    return isWhole ? true : this.failNight();
  }

  private failNight(): false {
    this.counts.failedNights += 1;
    return false;
  }

  private async step(name: 'reconcile' | 'decide' | 'evaluate', event: unknown): Promise<End> {
    for (let tries = 1; ; tries += 1) {
      const end = await this.nightly[name].invoke(event);
      const isTransient = end.kind === 'failed' && end.name === 'Wattline.Transient';
      if (!isTransient || tries === STEP_TRIES) return end;
      await new Promise((resolve) => setTimeout(resolve, STEP_WAIT_MS * 2 ** tries));
    }
  }

  /** Until nothing is in flight. */
  async rest(): Promise<void> {
    while (this.ingest.inFlight + this.evaluate.inFlight > 0)
      await new Promise((resolve) => setTimeout(resolve, 200));
  }

  async stop(): Promise<void> {
    for (const instance of this.instances) await instance.stop();
    const gone = new Promise((resolve) => this.server.once('exit', resolve));
    this.server.disconnect();
    await gone;
  }
}

async function startServer(
  { programs, folder, seed }: StackProps,
  port: number,
): Promise<{ child: ChildProcess; port: number; leftovers: number }> {
  const child = fork(programs.server, [folder, String(seed), String(port)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    child.once('message', (news: StoreNews) => {
      if (news.kind === 'listening') resolve({ child, port: news.port, leftovers: news.leftovers });
    });
    child.once('exit', (code) => reject(new Error(`the store ended with ${code} before it began`)));
  });
}
