import type { Choices, Fault } from './choices.ts';

/** How an instance ended. One that was killed ran no line after the call that it was in. */
export type End =
  | { readonly kind: 'done'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'killed' };

/** One instance of a function, from its invocation to its answer. */
export interface Task {
  readonly name: string;
  readonly deadlineMs: number;
  hasEnded: boolean;
  /** Calls to the world that it waits for. */
  waitsFor: number;
  wake: () => void;
  finish: (end: End) => void;
}

/** A call as the world sees it: its effect, and what may befall it. */
export interface Call<T> {
  readonly label: string;
  readonly effect: () => T;
  readonly faults?: readonly Fault[];
  /** What a fault is answered with: an error, by being thrown, or another value. */
  readonly answer?: (fault: Fault) => T;
  readonly signal?: AbortSignal | undefined;
  readonly delayMs?: number;
}

interface Pending {
  readonly task: Task;
  readonly label: string;
  readonly signal: AbortSignal | undefined;
  readonly readyAtMs: number;
  readonly faults: readonly Fault[];
  readonly apply: () => void;
  readonly settle: (answer: () => unknown) => void;
  readonly effect: () => unknown;
  readonly answer: (fault: Fault) => unknown;
}

interface Timer {
  readonly atMs: number;
  readonly run: () => void;
}

export const MINUTE_MS = 60_000;
/** A call that nothing befalls takes this long. */
const CALL_MS = 10;
const SLOWEST_MS = 4 * MINUTE_MS;
/** A system that is not at rest after as many steps never is. */
const STEPS_LIMIT = 60_000;

const NEVER = new Promise<never>(() => {});

/** When signals of `AbortSignal.timeout` fire, in the world's time. */
const deadlines = new WeakMap<AbortSignal, { readonly atMs: number; readonly controller: AbortController }>();

/**
 * Owns the time and every promise that the system waits for. One call goes on at a time; which one, and what befalls
 * it, is a choice. Between two choices one instance alone runs, until it waits for the world again.
 */
export class World {
  nowMs: number;
  /** What happened, where somebody wants to read it. */
  trace: string[] | null = null;
  private readonly choices: Choices;
  private readonly pending: Pending[] = [];
  private readonly timers: Timer[] = [];
  private steps = 0;

  constructor(choices: Choices, startMs: number) {
    this.choices = choices;
    this.nowMs = startMs;
  }

  at(atMs: number, run: () => void): void {
    this.timers.push({ atMs, run });
    this.timers.sort((a, b) => a.atMs - b.atMs);
  }

  /** In place of `AbortSignal.timeout`. */
  signalAfter(ms: number): AbortSignal {
    const controller = new AbortController();
    deadlines.set(controller.signal, { atMs: this.nowMs + ms, controller });
    return controller.signal;
  }

  say(text: string): void {
    this.trace?.push(`${new Date(this.nowMs).toISOString().slice(11, 23)} ${text}`);
  }

  /** Starts an instance. `onEnd` hears how it ended, at the world's time. */
  spawn(name: string, limitMs: number, body: (task: Task) => Promise<unknown>, onEnd: (end: End) => void): void {
    const task: Task = {
      name,
      deadlineMs: this.nowMs + limitMs,
      hasEnded: false,
      waitsFor: 0,
      wake: () => {},
      finish: (end) => {
        if (task.hasEnded) return;
        task.hasEnded = true;
        for (let i = this.pending.length - 1; i >= 0; i -= 1)
          if (this.pending[i]?.task === task) this.pending.splice(i, 1);
        task.wake();
        onEnd(end);
      },
    };
    // It begins when its first turn comes, as every other call goes on when its turn comes.
    this.call(task, { label: 'starts', effect: () => null })
      .then(() => body(task))
      .then(
        (value) => task.finish({ kind: 'done', value }),
        (error: unknown) => task.finish({ kind: 'failed', error }),
      );
  }

  call<T>(task: Task, call: Call<T>): Promise<T> {
    const { label, effect, signal, faults = [], delayMs = 0, answer = effect } = call;
    if (task.hasEnded) return NEVER;
    this.expire(signal);
    if (signal?.aborted) return Promise.reject(aborted());
    return new Promise<T>((resolve, reject) => {
      task.waitsFor += 1;
      this.pending.push({
        task,
        label,
        signal,
        faults,
        effect,
        answer,
        readyAtMs: this.nowMs + delayMs,
        apply: () => {
          try {
            effect();
          } catch {
            // Whatever was answered, nobody heard it.
          }
        },
        settle: (of) => {
          task.waitsFor -= 1;
          try {
            resolve(of() as T);
          } catch (error) {
            reject(error as Error);
          }
        },
      });
      task.wake();
    });
  }

  /** Goes on until nothing is left to do. */
  async rest(): Promise<void> {
    while (await this.step()) {
      this.steps += 1;
      if (this.steps > STEPS_LIMIT) throw new Error(`the system is not at rest after ${STEPS_LIMIT} steps`);
    }
  }

  private async step(): Promise<boolean> {
    const due = this.timers[0];
    if (due && due.atMs <= this.nowMs) {
      this.timers.shift();
      due.run();
      return true;
    }
    const ready = this.pending.filter((p) => wakesAt(p) <= this.nowMs);
    if (ready.length === 0) return this.leap();
    const pick = this.choices.depart(
      'order',
      ready.length - 1,
      (i) => `${ready[i]?.task.name} goes before its turn: ${ready[i]?.label}`,
    );
    const next = ready[pick] as Pending;
    this.nowMs += CALL_MS;
    this.pending.splice(this.pending.indexOf(next), 1);
    this.goOn(next);
    await settled(next.task);
    return true;
  }

  /** Nobody can go on now: the clock moves to where somebody can. */
  private leap(): boolean {
    let nextMs = this.timers[0]?.atMs ?? Number.POSITIVE_INFINITY;
    for (const call of this.pending) nextMs = Math.min(nextMs, wakesAt(call));
    if (nextMs === Number.POSITIVE_INFINITY) return false;
    this.nowMs = Math.max(this.nowMs, nextMs);
    return true;
  }

  private goOn(call: Pending): void {
    const { task, label, signal, faults } = call;
    if (task.deadlineMs <= this.nowMs) return this.kill(task, `killed at its deadline in ${label}`);
    this.expire(signal);
    if (signal?.aborted) {
      this.say(`${task.name}: ${label} is given up`);
      return call.settle(() => {
        throw aborted();
      });
    }
    const pick = this.choices.depart('call', faults.length, (i) => `${faults[i - 1]} in ${label} of ${task.name}`);
    const fault = pick === 0 ? 'none' : (faults[pick - 1] as Fault);
    this.say(`${task.name}: ${label}${fault === 'none' ? '' : ` [${fault}]`}`);
    if (fault === 'none') call.settle(call.effect);
    else this.befall(call, fault);
  }

  private befall(call: Pending, fault: Fault): void {
    const { task, label } = call;
    if (fault === 'slow' || fault === 'stalled') {
      // It comes back later, when nothing more befalls it.
      const delayMs = fault === 'slow' ? this.choices.quantity(SLOWEST_MS) : Number.POSITIVE_INFINITY;
      this.pending.push({ ...call, faults: [], readyAtMs: this.nowMs + delayMs });
      return;
    }
    if (fault === 'crash-before') return this.kill(task, `crashed before ${label}`);
    if (fault === 'answer-lost' || fault === 'sent-twice' || fault === 'crash-after') call.apply();
    if (fault === 'crash-after') return this.kill(task, `crashed after ${label}`);
    call.settle(fault === 'sent-twice' ? call.effect : () => call.answer(fault));
  }

  private kill(task: Task, why: string): void {
    this.say(`${task.name}: ${why}`);
    task.finish({ kind: 'killed' });
  }

  private expire(signal: AbortSignal | undefined): void {
    const due = signal && deadlines.get(signal);
    if (due && due.atMs <= this.nowMs && !signal.aborted) due.controller.abort(aborted());
  }
}

function wakesAt({ readyAtMs, signal, task }: Pending): number {
  const abortMs = (signal && deadlines.get(signal)?.atMs) ?? Number.POSITIVE_INFINITY;
  return Math.min(readyAtMs, abortMs, task.deadlineMs);
}

/** Until the instance waits for the world again, or has ended. */
async function settled(task: Task): Promise<void> {
  while (!task.hasEnded && task.waitsFor === 0)
    await new Promise<void>((resolve) => {
      task.wake = resolve;
    });
}

const aborted = (): Error => Object.assign(new Error('the call was aborted'), { name: 'TimeoutError' });
