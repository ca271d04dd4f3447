import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import type { Choices } from './choices.ts';
import type { End, World } from './world.ts';

interface Message {
  readonly id: string;
  readonly body: string;
  receives: number;
}

export interface QueueProps {
  readonly name: string;
  readonly batchSize: number;
  /** Gathers messages for this long before it invokes. */
  readonly windowMs: number;
  /** Instances at work at the same time. */
  readonly atOnce: number;
  readonly limitMs: number;
  /** Invokes the function with a batch. */
  readonly invoke: (name: string, records: SQSRecord[], onEnd: (end: End) => void) => void;
}

/** As the deployed queues have them (infra/fed-function.ts). */
const VISIBILITY_TIMES = 6;
const MAX_RECEIVES = 5;
/** A duplicate that is delivered long after the first has been dealt with. */
const LATEST_MS = 20 * 60_000;

/** A queue with its event source mapping: batches, partial answers, visibility timeout, dead letters. */
export class Queue {
  readonly deadLetters: string[] = [];
  private visible: Message[] = [];
  private working = 0;
  private hidden = 0;
  private polling = 0;
  private sent = 0;
  private readonly props: QueueProps;
  private readonly world: World;
  private readonly choices: Choices;

  constructor(world: World, choices: Choices, props: QueueProps) {
    this.world = world;
    this.choices = choices;
    this.props = props;
  }

  /** Messages that were neither dealt with nor given up. */
  get inFlight(): number {
    return this.visible.length + this.hidden;
  }

  /** At least once: a message may be there twice, or late. */
  send(body: string): void {
    this.sent += 1;
    const id = `${this.props.name}-${this.sent}`;
    const befalls = this.choices.depart('event', 2, (i) => `${id} ${i === 1 ? 'comes twice' : 'comes late'}`);
    if (befalls !== 2) this.add({ id, body, receives: 0 });
    if (befalls === 0) return;
    const laterMs = this.world.nowMs + this.choices.quantity(LATEST_MS);
    this.world.at(laterMs, () => this.add({ id: befalls === 1 ? `${id}-again` : id, body, receives: 0 }));
  }

  /** What an operator does once the cause is mended. */
  redrive(): void {
    for (const body of this.deadLetters.splice(0)) this.send(body);
  }

  private add(message: Message): void {
    this.visible.push(message);
    this.poll();
  }

  /** Several pollers gather at the same time, each a batch of its own. */
  private poll(): void {
    const { windowMs, atOnce } = this.props;
    if (this.polling + this.working >= atOnce || this.visible.length === 0) return;
    this.polling += 1;
    this.world.at(this.world.nowMs + (this.polling > 1 ? 0 : windowMs), () => {
      this.polling -= 1;
      this.receive();
      this.poll();
    });
  }

  private receive(): void {
    const { name, batchSize, limitMs, invoke } = this.props;
    if (this.visible.length === 0) return;
    // A standard queue promises no order, and gives fewer than it has.
    const skipped = this.choices.depart(
      'order',
      this.visible.length - 1,
      (i) => `${name} gives its messages from ${i}`,
    );
    const turned = [...this.visible.slice(skipped), ...this.visible.slice(0, skipped)];
    const fewer = this.choices.depart(
      'order',
      Math.min(turned.length, batchSize) - 1,
      (i) => `${name} gives ${i} of its messages`,
    );
    const batch = turned.slice(0, fewer === 0 ? batchSize : fewer);
    this.visible = turned.slice(batch.length);
    this.hidden += batch.length;
    this.working += 1;
    for (const message of batch) message.receives += 1;
    const records = batch.map(
      ({ id, body, receives }) =>
        ({ messageId: id, body, attributes: { ApproximateReceiveCount: String(receives) } }) as SQSRecord,
    );
    const visibleMs = this.world.nowMs + VISIBILITY_TIMES * limitMs;
    invoke(`${name}-worker-${batch.map((m) => m.id.slice(name.length + 1)).join('+')}`, records, (end) => {
      this.working -= 1;
      this.settle(batch, end, visibleMs);
      this.poll();
    });
  }

  /** What was not dealt with is hidden until its time is over. */
  private settle(batch: readonly Message[], end: End, visibleMs: number): void {
    const response = end.kind === 'done' ? (end.value as SQSBatchResponse) : null;
    const failed = response && new Set(response.batchItemFailures.map((f) => f.itemIdentifier));
    for (const message of batch) {
      if (failed && !failed.has(message.id)) {
        this.hidden -= 1;
        continue;
      }
      this.world.at(visibleMs, () => {
        this.hidden -= 1;
        if (message.receives >= MAX_RECEIVES) this.deadLetters.push(message.body);
        else this.add(message);
      });
    }
  }
}
