import { type ChildProcess, fork } from 'node:child_process';
import type { Random } from '../../cli/simulate/random.ts';
import type { Answer, Invocation } from './worker.ts';

export type End =
  | { readonly kind: 'done'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly name: string; readonly message: string }
  | { readonly kind: 'killed' };

/** What a process takes up after an invocation. */
export interface Sample {
  readonly atMs: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
}

export interface InstanceProps {
  readonly name: string;
  /** File of the process, and of the function's bundle. */
  readonly runner: string;
  readonly bundle: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly limitMs: number;
  /** Of a hundred invocations, how many are killed; 0 for one that lives on, whose memory says something. */
  readonly killPercent: number;
  readonly random: Random;
}

/** A kill comes at some moment of this long after the invocation began: before, within or after its work. */
const KILL_WITHIN_MS = 600;

/** A process that runs one function, an invocation at a time, and is started again when it is killed. */
export class Instance {
  readonly samples: Sample[] = [];
  kills = 0;
  invocations = 0;
  isFaulty = false;
  private process: Promise<ChildProcess> | null = null;
  private readonly props: InstanceProps;

  constructor(props: InstanceProps) {
    this.props = props;
  }

  get name(): string {
    return this.props.name;
  }

  get isSteady(): boolean {
    return this.props.killPercent === 0;
  }

  private start(): Promise<ChildProcess> {
    const { runner, bundle, environment } = this.props;
    const child = fork(runner, [bundle], {
      env: { PATH: process.env.PATH ?? '', ...environment },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child.once('exit', () => {
      this.process = null;
    });
    return new Promise((resolve, reject) => {
      child.once('message', () => resolve(child));
      child.once('exit', (code) => reject(new Error(`${this.name}: it ended with ${code} before it began`)));
    });
  }

  /** Runs one event to its end, or to the end of the process. */
  async invoke(event: unknown): Promise<End> {
    this.process ??= this.start();
    const child = await this.process;
    const { limitMs, killPercent, random } = this.props;
    this.invocations += 1;
    const id = this.invocations;
    const isDoomed = this.isFaulty && random.below(100) < killPercent;
    return new Promise((resolve) => {
      const end = (ended: End): void => {
        clearTimeout(limit);
        child.off('message', hear);
        child.off('exit', die);
        resolve(ended);
      };
      const hear = ({ id: of, value, error, rssBytes, heapBytes }: Answer): void => {
        if (of !== id) return;
        this.samples.push({ atMs: Date.now(), rssBytes, heapBytes });
        end(error ? { kind: 'failed', ...error } : { kind: 'done', value });
      };
      const die = (): void => end({ kind: 'killed' });
      const kill = (): void => {
        if (child.kill('SIGKILL')) this.kills += 1;
      };
      // As Lambda ends what has not come to its end.
      const limit = setTimeout(kill, limitMs);
      child.on('message', hear);
      child.once('exit', die);
      child.send({ id, event, limitMs } satisfies Invocation);
      if (isDoomed) setTimeout(kill, random.below(KILL_WITHIN_MS));
    });
  }

  async stop(): Promise<void> {
    const child = await this.process;
    if (!child) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.disconnect();
    await gone;
  }
}
