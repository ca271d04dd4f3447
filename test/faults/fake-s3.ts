import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { S3Client } from '@aws-sdk/client-s3';
import { collect } from '../../functions/platform/bytes.ts';
import { MemoryStore } from '../../functions/platform/memory-store.ts';
import { ObjectMissingError, PreconditionFailedError } from '../../functions/platform/object-store.ts';
import { S3Store, type S3StoreOptions } from '../../functions/platform/s3-store.ts';

/** One call as it came over the wire. */
export interface Call {
  readonly method: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
}

/** Answers a call in place of the server, before or after it did what it was asked; false: as usual. */
export type Fault = (call: Call, answer: Answering) => boolean | Promise<boolean>;

interface Answering {
  /** An error as S3 words it. */
  readonly refuse: (status: number, code: string) => true;
  /** Does what was asked, and loses the answer. */
  readonly loseAnswer: () => Promise<true>;
  readonly response: ServerResponse;
}

const xml = (body: string): string => `<?xml version="1.0" encoding="UTF-8"?>\n${body}`;
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** A server on 127.0.0.1 that speaks as much of S3 as Wattline does, and can be told to fail. */
export class FakeS3 {
  readonly calls: Call[] = [];
  fault: Fault = () => false;
  /** Uploads in parts that are neither complete nor given up. */
  readonly open = new Map<string, Uint8Array[]>();
  private readonly buckets = new Map<string, MemoryStore>();
  private readonly server: Server;
  private readonly clients: S3Client[] = [];
  private uploads = 0;

  constructor() {
    this.server = createServer((request, response) => {
      this.answer(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.destroy();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** What lies in a bucket, without the wire. */
  bucket(name: string): MemoryStore {
    const known = this.buckets.get(name) ?? new MemoryStore(name);
    this.buckets.set(name, known);
    return known;
  }

  /** A store over the SDK with its own rules for trying again, but without the waiting in between. */
  async store(name: string, options: S3StoreOptions = {}): Promise<S3Store> {
    const client = new S3Client({
      endpoint: this.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
    this.clients.push(client);
    const strategy = await client.config.retryStrategy();
    Object.assign(strategy, {
      retryBackoffStrategy: { setDelayBase: () => undefined, computeNextBackoffDelay: () => 0 },
    });
    return new S3Store(name, client, { wait: async () => {}, ...options });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const [, name = '', ...rest] = url.pathname.split('/');
    const call: Call = {
      method: request.method ?? '',
      key: decodeURIComponent(rest.join('/')),
      query: url.searchParams,
      headers: request.headers,
    };
    this.calls.push(call);
    const body = await collect(request);
    const refuse = (status: number, code: string): true => {
      response.writeHead(status, { 'content-type': 'application/xml' });
      response.end(
        call.method === 'HEAD' ? '' : xml(`<Error><Code>${code}</Code><Message>${code}</Message></Error>`),
      );
      return true;
    };
    const serve = (to: ServerResponse | null): Promise<void> => this.serve(this.bucket(name), call, body, to);
    const loseAnswer = async (): Promise<true> => {
      await serve(null);
      response.destroy();
      return true;
    };
    if (await this.fault(call, { refuse, loseAnswer, response })) return;
    try {
      await serve(response);
    } catch (error) {
      if (error instanceof PreconditionFailedError) refuse(412, 'PreconditionFailed');
      else if (error instanceof ObjectMissingError) refuse(404, 'NoSuchKey');
      else throw error;
    }
  }

  private async serve(
    store: MemoryStore,
    call: Call,
    body: Uint8Array,
    response: ServerResponse | null,
  ): Promise<void> {
    const { method, key, query, headers } = call;
    const end = (status: number, head: Record<string, string>, text: Uint8Array | string = ''): void => {
      response?.writeHead(status, { 'content-length': String(Buffer.byteLength(text)), ...head });
      response?.end(method === 'HEAD' ? undefined : text);
    };
    const uploadId = query.get('uploadId');
    if (method === 'POST' && query.has('uploads')) {
      this.uploads += 1;
      this.open.set(`u${this.uploads}`, []);
      return end(200, {}, xml(`<R><UploadId>u${this.uploads}</UploadId></R>`));
    }
    if (uploadId !== null) return this.part(store, call, { uploadId, body, end });
    if (method === 'PUT') {
      const ifMatch = headers['if-match'];
      const { version, etag } = await store.put(key, body, {
        ...(headers['if-none-match'] ? { ifNoneMatch: '*' } : {}),
        ...(ifMatch === undefined ? {} : { ifMatch }),
      });
      return end(200, { etag, 'x-amz-version-id': version });
    }
    if (method === 'DELETE') {
      await store.delete(key);
      return end(204, {});
    }
    if (key === '') {
      const found: string[] = [];
      for await (const { key: Key, version, etag, sizeBytes } of store.list(query.get('prefix') ?? ''))
        found.push(
          `<Version><Key>${escaped(Key)}</Key><VersionId>${version}</VersionId><IsLatest>true</IsLatest>` +
            `<ETag>${escaped(etag)}</ETag><Size>${sizeBytes}</Size></Version>`,
        );
      return end(200, {}, xml(`<ListVersionsResult>${found.join('')}</ListVersionsResult>`));
    }
    const version = query.get('versionId');
    const object = await store.get(key, version === null ? {} : { version });
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
    const whole = await collect(object.body);
    const bytes = first === undefined ? whole : whole.subarray(Number(first), Number(last) + 1);
    const range = first === undefined ? {} : { 'content-range': `bytes ${first}-${last}/${whole.length}` };
    end(first === undefined ? 200 : 206, { ...headOf(object), ...range }, bytes);
  }

  private async part(
    store: MemoryStore,
    { method, key }: Call,
    {
      uploadId,
      body,
      end,
    }: {
      uploadId: string;
      body: Uint8Array;
      end: (status: number, head: Record<string, string>, text?: string) => void;
    },
  ): Promise<void> {
    const parts = this.open.get(uploadId) ?? [];
    if (method === 'PUT') {
      parts.push(body);
      return end(200, { etag: '"part"' });
    }
    this.open.delete(uploadId);
    if (method === 'DELETE') return end(204, {});
    const { version } = await store.put(key, Buffer.concat(parts));
    end(200, { 'x-amz-version-id': version }, xml(`<R><ETag>"x-${parts.length}"</ETag></R>`));
  }
}

export const headOf = ({ etag, version }: { etag: string; version: string }): Record<string, string> => ({
  etag,
  'x-amz-version-id': version,
});
