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
  readonly paceMs: number;
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
/** What takes the world's time itself; instances that are slow wait beside each other. */
const CALL_MS = 10;
/** Instances that are slower than the others in each of their calls. */
const PACES_MS = [500, 3_000];
const SLOWEST_MS = 4 * MINUTE_MS;
/** A system that is not at rest after as many steps never is. */
const STEPS_LIMIT = 60_000;

const NEVER = new Promise<never>(() => {});

/** Something that an instance set to go off later: it ends with the instance. */
interface Alarm {
  readonly task: Task | null;
  atMs: number;
  /** Null: once. */
  readonly everyMs: number | null;
  readonly ring: () => void;
}

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
  private readonly alarms = new Set<Alarm>();
  private nextAlarmMs = Number.POSITIVE_INFINITY;
  /** The instance whose turn it is. */
  private current: Task | null = null;
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
    this.set(ms, null, () => controller.abort(aborted()));
    return controller.signal;
  }

  /** In place of `setInterval`; returns what clears it. */
  every(ms: number, ring: () => void): () => void {
    const alarm = this.set(ms, ms, ring);
    return () => this.alarms.delete(alarm);
  }

  private set(ms: number, everyMs: number | null, ring: () => void): Alarm {
    const alarm: Alarm = { task: this.current, atMs: this.nowMs + ms, everyMs, ring };
    this.alarms.add(alarm);
    this.nextAlarmMs = Math.min(this.nextAlarmMs, alarm.atMs);
    return alarm;
  }

  /** Moves the clock, and rings what is due by then. */
  private advance(toMs: number): void {
    this.nowMs = Math.max(this.nowMs, toMs);
    if (this.nextAlarmMs > this.nowMs) return;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const alarm of this.alarms) {
      if (alarm.atMs <= this.nowMs) {
        if (alarm.everyMs === null) this.alarms.delete(alarm);
        else alarm.atMs += alarm.everyMs;
        alarm.ring();
      }
      if (this.alarms.has(alarm)) nextMs = Math.min(nextMs, alarm.atMs);
    }
    this.nextAlarmMs = nextMs;
  }

  say(text: string): void {
    this.trace?.push(`${new Date(this.nowMs).toISOString().slice(11, 23)} ${text}`);
  }

  /** Starts an instance. `onEnd` hears how it ended, at the world's time. */
  spawn(
    name: string,
    limitMs: number,
    body: (task: Task) => Promise<unknown>,
    onEnd: (end: End) => void,
  ): void {
    const pace = this.choices.depart(
      'pace',
      PACES_MS.length,
      (i) => `calls of ${name} take ${PACES_MS[i - 1]} ms`,
    );
    const task: Task = {
      name,
      deadlineMs: this.nowMs + limitMs,
      paceMs: PACES_MS[pace - 1] ?? 0,
      hasEnded: false,
      waitsFor: 0,
      wake: () => {},
      finish: (end) => {
        if (task.hasEnded) return;
        task.hasEnded = true;
        for (let i = this.pending.length - 1; i >= 0; i -= 1)
          if (this.pending[i]?.task === task) this.pending.splice(i, 1);
        for (const alarm of this.alarms) if (alarm.task === task) this.alarms.delete(alarm);
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
        readyAtMs: this.nowMs + task.paceMs + delayMs,
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
    const ready = this.pending.filter((p) => this.wakesAt(p) <= this.nowMs);
    if (ready.length === 0) return this.leap();
    const pick = this.choices.depart(
      'order',
      ready.length - 1,
      (i) => `${ready[i]?.task.name} goes before its turn: ${ready[i]?.label}`,
    );
    const next = ready[pick] as Pending;
    this.advance(this.nowMs + CALL_MS);
    this.pending.splice(this.pending.indexOf(next), 1);
    this.current = next.task;
    this.goOn(next);
    await settled(next.task);
    this.current = null;
    return true;
  }

  /** Nobody can go on now: the clock moves to where somebody can. */
  private leap(): boolean {
    let nextMs = this.timers[0]?.atMs ?? Number.POSITIVE_INFINITY;
    for (const call of this.pending) nextMs = Math.min(nextMs, this.wakesAt(call));
    // Alarms are about calls that wait: where none does, nobody is left to hear them.
    if (this.pending.length > 0) nextMs = Math.min(nextMs, this.nextAlarmMs);
    if (nextMs === Number.POSITIVE_INFINITY) return false;
    this.advance(nextMs);
    return true;
  }

  private goOn(call: Pending): void {
    const { task, label, signal, faults } = call;
    if (task.deadlineMs <= this.nowMs) {
      this.kill(task, `killed at its deadline in ${label}`);
      return;
    }
    if (signal?.aborted) {
      this.say(`${task.name}: ${label} is given up`);
      call.settle(() => {
        throw aborted();
      });
      return;
    }
    const pick = this.choices.depart(
      'call',
      faults.length,
      (i) => `${faults[i - 1]} in ${label} of ${task.name}`,
    );
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
    if (fault === 'crash-before') {
      this.kill(task, `crashed before ${label}`);
      return;
    }
    if (fault === 'answer-lost' || fault === 'sent-twice' || fault === 'crash-after') call.apply();
    if (fault === 'crash-after') {
      this.kill(task, `crashed after ${label}`);
      return;
    }
    call.settle(fault === 'sent-twice' ? call.effect : () => call.answer(fault));
  }

  private kill(task: Task, why: string): void {
    this.say(`${task.name}: ${why}`);
    task.finish({ kind: 'killed' });
  }

  private wakesAt({ readyAtMs, signal, task }: Pending): number {
    return signal?.aborted ? this.nowMs : Math.min(readyAtMs, task.deadlineMs);
  }
}

/** Until the instance waits for the world again, or has ended. */
async function settled(task: Task): Promise<void> {
  // Of several calls that an instance waits for, the others do not say that it has come to rest after this one.
  if (task.waitsFor > 0) await new Promise(setImmediate);
  while (!task.hasEnded && task.waitsFor === 0)
    await new Promise<void>((resolve) => {
      task.wake = resolve;
    });
}

const aborted = (): Error => Object.assign(new Error('the call was aborted'), { name: 'TimeoutError' });
