import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Random } from '../../cli/simulate/random.ts';
import { DirectoryStore } from '../../functions/platform/directory-store.ts';
import { removeLeftovers } from './leftovers.ts';
import { answerError, ProtocolError, type Reason, S3Protocol } from './s3-protocol.ts';

/** What the process that keeps the objects tells the one that started it. */
export type StoreNews =
  | { readonly kind: 'listening'; readonly port: number; readonly leftovers: number }
  | {
      readonly kind: 'put';
      readonly bucket: string;
      readonly key: string;
      readonly version: string;
      readonly reason: Reason;
    }
  | { readonly kind: 'message'; readonly body: string }
  | { readonly kind: 'verdict'; readonly detail: string }
  | { readonly kind: 'fault'; readonly what: string };

export const BUCKETS = ['landing', 'lake', 'reports'] as const;
/** Of a hundred requests, while faults are on. */
const REFUSED_PERCENT = 1;
const CUT_PERCENT = 1;
const SLOW_PERCENT = 1;
const LATEST_MS = 3_000;

const [folder = '', seed = '0', port = '0'] = process.argv.slice(2);
/** Whoever is killed while it writes leaves halves behind; nobody else has written here. */
const leftovers = await removeLeftovers(folder);
const random = new Random(Number(seed), 'store', process.pid);
const protocol = new S3Protocol(BUCKETS.map((name) => new DirectoryStore(name, join(folder, name))));
let isFaulty = false;

const tell = (news: StoreNews): void => {
  if (process.connected) process.send?.(news);
};

protocol.onPut = ({ bucket }, { key, version }, reason) =>
  tell({ kind: 'put', bucket, key, version, reason });

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of request as AsyncIterable<Uint8Array>) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

/** The two calls to other services: a message to a queue, and events to a bus. */
async function serve(target: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = JSON.parse(await bodyOf(request)) as {
    MessageBody?: string;
    Entries?: { Detail: string }[];
  };
  const answer = (value: object): void =>
    void response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(value));
  if (target === 'AmazonSQS.SendMessage') {
    const text = body.MessageBody ?? '';
    tell({ kind: 'message', body: text });
    const MD5OfMessageBody = createHash('md5').update(text).digest('hex');
    answer({ MessageId: `m-${random.hex(16)}`, MD5OfMessageBody });
  } else if (target === 'AWSEvents.PutEvents') {
    const entries = body.Entries ?? [];
    for (const { Detail } of entries) tell({ kind: 'verdict', detail: Detail });
    answer({ FailedEntryCount: 0, Entries: entries.map(() => ({ EventId: `e-${random.hex(16)}` })) });
  } else throw new ProtocolError(400, 'UnknownOperation');
}

/** 503 before anything is done, an answer that is late, one that ends in the middle or is never given. */
async function befall(response: ServerResponse): Promise<void> {
  if (!isFaulty) return;
  const drawn = random.below(100);
  if (drawn < REFUSED_PERCENT) {
    tell({ kind: 'fault', what: 'refused' });
    throw new ProtocolError(503, 'SlowDown');
  }
  if (drawn < REFUSED_PERCENT + CUT_PERCENT) {
    tell({ kind: 'fault', what: 'cut' });
    const { write, end } = response;
    // What was asked for is done, and the answer breaks off.
    response.write = ((...given: Parameters<typeof write>) => {
      write.apply(response, given);
      response.destroy();
      return false;
    }) as typeof response.write;
    response.end = ((...given: Parameters<typeof end>) => {
      if (response.destroyed) return response;
      return random.below(2) === 0 ? response.destroy() : end.apply(response, given);
    }) as typeof response.end;
  } else if (drawn < REFUSED_PERCENT + CUT_PERCENT + SLOW_PERCENT) {
    tell({ kind: 'fault', what: 'slow' });
    await new Promise((resolve) => setTimeout(resolve, random.below(LATEST_MS)));
  }
}

const server = createServer((request, response) => {
  response.on('error', () => {});
  const target = request.headers['x-amz-target'];
  befall(response)
    .then(() =>
      typeof target === 'string' ? serve(target, request, response) : protocol.handle(request, response),
    )
    .catch((error: unknown) => answerError(response, error));
});
process.on('message', (message) => {
  isFaulty = message === 'faults';
});
process.on('disconnect', () => process.exit(0));
server.listen(Number(port), '127.0.0.1', () =>
  tell({ kind: 'listening', port: (server.address() as AddressInfo).port, leftovers }),
);
