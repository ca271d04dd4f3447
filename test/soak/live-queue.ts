import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import type { Random } from '../../cli/simulate/random.ts';
import type { Instance } from './instance.ts';

interface Message {
  readonly id: string;
  readonly body: string;
  receives: number;
}

export interface LiveQueueProps {
  readonly name: string;
  readonly batchSize: number;
  readonly windowMs: number;
  readonly visibilityMs: number;
  readonly maxReceives: number;
  readonly instances: readonly Instance[];
  readonly random: Random;
}

const TWICE_PERCENT = 3;
const LATE_PERCENT = 5;
const LOST_PERCENT = 1;
const LATEST_MS = 60_000;

/** A queue with its event source mapping, in real time; visibility and windows are shortened. */
export class LiveQueue {
  readonly deadLetters: string[] = [];
  readonly counts = { sent: 0, twice: 0, late: 0, lost: 0, redelivered: 0, batches: 0 };
  isFaulty = false;
  private visible: Message[] = [];
  private readonly idle: Instance[];
  private hidden = 0;
  private delayed = 0;
  private isGathering = false;
  private readonly props: LiveQueueProps;

  constructor(props: LiveQueueProps) {
    this.props = props;
    this.idle = [...props.instances];
  }

  get inFlight(): number {
    return this.visible.length + this.hidden + this.delayed;
  }

  /** `mayBeLost`: events, which the bus may lose; what a function sent was answered for. */
  send(body: string, mayBeLost = false): void {
    const { random, name } = this.props;
    this.counts.sent += 1;
    const id = `${name}-${this.counts.sent}`;
    const drawn = this.isFaulty ? random.below(100) : 100;
    const late = LOST_PERCENT + LATE_PERCENT;
    if (drawn < LOST_PERCENT && mayBeLost) {
      this.counts.lost += 1;
      return;
    }
    if (drawn >= LOST_PERCENT && drawn < late) {
      this.counts.late += 1;
      this.later({ id, body, receives: 0 });
      return;
    }
    this.add({ id, body, receives: 0 });
    if (drawn < late || drawn >= late + TWICE_PERCENT) return;
    this.counts.twice += 1;
    this.later({ id: `${id}-again`, body, receives: 0 });
  }

  /** What an operator does once the cause is mended. */
  redrive(): number {
    const bodies = this.deadLetters.splice(0);
    for (const body of bodies)
      this.add({ id: `redriven-${body.length}-${this.counts.sent++}`, body, receives: 0 });
    return bodies.length;
  }

  private later(message: Message): void {
    this.delayed += 1;
    setTimeout(() => {
      this.delayed -= 1;
      this.add(message);
    }, this.props.random.below(LATEST_MS));
  }

  private add(message: Message): void {
    // No order is promised.
    if (this.isFaulty && this.props.random.below(4) === 0) this.visible.unshift(message);
    else this.visible.push(message);
    this.gather();
  }

  private gather(): void {
    if (this.isGathering || this.visible.length === 0 || this.idle.length === 0) return;
    this.isGathering = true;
    setTimeout(() => {
      this.isGathering = false;
      const instance = this.idle.splice(this.props.random.below(this.idle.length), 1)[0];
      if (instance && this.visible.length > 0) void this.work(instance);
      else if (instance) this.idle.push(instance);
      this.gather();
    }, this.props.windowMs);
  }

  private async work(instance: Instance): Promise<void> {
    const { batchSize, visibilityMs, maxReceives } = this.props;
    const batch = this.visible.splice(0, batchSize);
    this.hidden += batch.length;
    this.counts.batches += 1;
    const visibleMs = Date.now() + visibilityMs;
    for (const message of batch) message.receives += 1;
    const Records = batch.map(
      ({ id, body, receives }) =>
        ({ messageId: id, body, attributes: { ApproximateReceiveCount: String(receives) } }) as SQSRecord,
    );
    const end = await instance.invoke({ Records });
    const failed =
      end.kind === 'done'
        ? new Set((end.value as SQSBatchResponse).batchItemFailures.map((f) => f.itemIdentifier))
        : null;
    for (const message of batch) {
      if (failed && !failed.has(message.id)) {
        this.hidden -= 1;
        continue;
      }
      setTimeout(
        () => {
          this.hidden -= 1;
          if (message.receives >= maxReceives) this.deadLetters.push(message.body);
          else {
            this.counts.redelivered += 1;
            this.add(message);
          }
        },
        Math.max(visibleMs - Date.now(), 0),
      );
    }
    this.idle.push(instance);
    this.gather();
  }
}
