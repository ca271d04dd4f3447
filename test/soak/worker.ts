import type { Context } from 'aws-lambda';

/** An invocation, as the runtime of Lambda gives it to a function. */
export interface Invocation {
  readonly id: number;
  readonly event: unknown;
  readonly limitMs: number;
}

/** How it ended, and what the process takes up then. */
export interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: { readonly name: string; readonly message: string };
  readonly rssBytes: number;
  readonly heapBytes: number;
}

type Handler = (event: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>) => Promise<unknown>;

const [bundle = ''] = process.argv.slice(2);
const { handler } = (await import(bundle)) as { handler: Handler };

async function work({ id, event, limitMs }: Invocation): Promise<Omit<Answer, 'rssBytes' | 'heapBytes'>> {
  const endsMs = Date.now() + limitMs;
  try {
    return { id, value: await handler(event, { getRemainingTimeInMillis: () => endsMs - Date.now() }) };
  } catch (error) {
    const { name, message } = error as Error;
    return { id, error: { name, message } };
  }
}

process.on('message', (invocation: Invocation) => {
  void work(invocation).then((ended) => {
    const { rss, heapUsed } = process.memoryUsage();
    process.send?.({ ...ended, rssBytes: rss, heapBytes: heapUsed } satisfies Answer);
  });
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
