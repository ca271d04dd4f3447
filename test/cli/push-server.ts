import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { S3Client } from '@aws-sdk/client-s3';
import { crc64, crc64Text } from '../../cli/push/crc64.ts';
import { LandingBucket } from '../../cli/push/landing-bucket.ts';
import { collect } from '../../functions/platform/bytes.ts';

/** Small, so that every listing takes several pages. */
const PAGE = 2;

export interface PushCall {
  readonly what: string;
  readonly key: string;
  readonly part: number;
  readonly headers: IncomingMessage['headers'];
  readonly bytes: number;
}

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly more?: string;
}

/** What happens instead of an answer: an error of S3, or the answer is lost on its way after the work was done. */
export type PushFault = (call: PushCall) => Refusal | 'lose-answer' | null | Promise<null>;

interface Stored {
  readonly body: Uint8Array;
  readonly etag: string;
  readonly version: string;
  /** What S3 says of its checksum. */
  readonly checksum: Readonly<Record<string, string>>;
}

interface Open {
  readonly key: string;
  readonly parts: Map<number, { body: Uint8Array; etag: string }>;
}

class Refused extends Error {
  readonly refusal: Refusal;
  constructor(status: number, code: string) {
    super(code);
    this.refusal = { status, code };
  }
}

const etagOf = (body: Uint8Array): string => `"${createHash('md5').update(body).digest('hex')}"`;
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/**
 * As much of S3 as an uploader needs, on 127.0.0.1: it compares signed and declared checksums with what came, keeps
 * to conditions, lists in pages, and can be told to fail. What it is itself tested against is the conformance suite,
 * which does the same with a server that is not ours.
 */
export class PushServer {
  readonly calls: PushCall[] = [];
  readonly objects = new Map<string, Stored>();
  readonly open = new Map<string, Open>();
  fault: PushFault = () => null;
  private readonly server: Server;
  private readonly clients: S3Client[] = [];
  private count = 0;

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

  /** The bucket through the SDK, with its own rules for trying again, but without the waiting in between. */
  async bucket(name = 'landing'): Promise<LandingBucket> {
    const client = new S3Client({
      endpoint: this.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
    this.clients.push(client);
    Object.assign(await client.config.retryStrategy(), {
      retryBackoffStrategy: { setDelayBase: () => undefined, computeNextBackoffDelay: () => 0 },
    });
    return new LandingBucket(name, client);
  }

  /** What was asked, in order: such as `PutObject p/r/a.csv` or `UploadPart p/r/b.csv 3`. */
  said(what?: string): string[] {
    return this.calls
      .filter((call) => what === undefined || call.what === what)
      .map(({ what: name, key, part }) => `${name} ${key}${part > 0 ? ` ${part}` : ''}`);
  }

  put(key: string, body: Uint8Array, checksum?: Readonly<Record<string, string>>): Stored {
    this.count += 1;
    const stored = {
      body,
      etag: etagOf(body),
      version: `v${this.count}`,
      checksum: checksum ?? { crc64nvme: crc64Text(crc64(body)), type: 'FULL_OBJECT' },
    };
    this.objects.set(key, stored);
    return stored;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const key = decodeURIComponent(url.pathname.split('/').slice(2).join('/'));
    const body = await collect(request);
    const call: PushCall = {
      what: nameOf(request.method ?? '', key, url.searchParams),
      key: key === '' ? (url.searchParams.get('prefix') ?? '') : key,
      part: Number(url.searchParams.get('partNumber') ?? 0),
      headers: request.headers,
      bytes: body.length,
    };
    this.calls.push(call);
    const refuse = ({ status, code, more = '' }: Refusal): void => {
      response.writeHead(status, { 'content-type': 'application/xml' });
      response.end(
        request.method === 'HEAD'
          ? ''
          : `<?xml version="1.0"?>\n<Error><Code>${code}</Code><Message>${code}</Message>${more}</Error>`,
      );
    };
    const fault = await this.fault(call);
    if (fault !== null && fault !== 'lose-answer') return refuse(fault);
    try {
      const { head = {}, text = '' } = this.work(call, body, url.searchParams);
      if (fault === 'lose-answer') {
        response.destroy();
        return;
      }
      response.writeHead(200, { 'content-length': String(Buffer.byteLength(text)), ...head });
      response.end(request.method === 'HEAD' ? undefined : text);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refuse(error.refusal);
    }
  }

  private work(
    { what, key, part, headers }: PushCall,
    body: Uint8Array,
    query: URLSearchParams,
  ): { head?: Record<string, string>; text?: string } {
    const upload = this.open.get(query.get('uploadId') ?? '');
    if (['UploadPart', 'ListParts', 'CompleteMultipartUpload'].includes(what) && !upload)
      throw new Refused(404, 'NoSuchUpload');
    if (what === 'PutObject' || what === 'UploadPart') checkBody(headers, body);
    switch (what) {
      case 'ListObjectsV2':
        return { text: this.listing(key, query) };
      case 'ListMultipartUploads':
        return { text: this.uploads(key, query) };
      case 'ListParts':
        return { text: parts(upload as Open, query) };
      case 'HeadObject': {
        const found = this.objects.get(key);
        if (!found) throw new Refused(404, 'NoSuchKey');
        return { head: headOf(found) };
      }
      case 'PutObject': {
        this.checkCondition(headers, key);
        const { etag, version } = this.put(key, body);
        return { head: { etag, 'x-amz-version-id': version } };
      }
      case 'CreateMultipartUpload': {
        this.count += 1;
        this.open.set(`u${this.count}`, { key, parts: new Map() });
        return { text: `<R><UploadId>u${this.count}</UploadId></R>` };
      }
      case 'UploadPart': {
        upload?.parts.set(part, { body, etag: etagOf(body) });
        return { head: { etag: etagOf(body) } };
      }
      case 'CompleteMultipartUpload':
        return this.complete(query.get('uploadId') as string, headers, Buffer.from(body).toString());
      default:
        throw new Refused(501, 'NotImplemented');
    }
  }

  private complete(id: string, headers: IncomingMessage['headers'], wanted: string) {
    const { key, parts: there } = this.open.get(id) as Open;
    this.checkCondition(headers, key);
    const numbers = [...wanted.matchAll(/<PartNumber>(\d+)<\/PartNumber>/g)].map(([, n]) => Number(n));
    const bodies = numbers.map((n) => {
      const part = there.get(n);
      if (!part) throw new Refused(400, 'InvalidPart');
      return part.body;
    });
    const whole = Buffer.concat(bodies);
    if (headers['x-amz-checksum-crc64nvme'] !== crc64Text(crc64(whole))) throw new Refused(400, 'BadDigest');
    if (Number(headers['x-amz-mp-object-size']) !== whole.length) throw new Refused(400, 'InvalidRequest');
    const { version, etag } = this.put(key, whole);
    this.open.delete(id);
    return { head: { 'x-amz-version-id': version }, text: `<R><ETag>${escaped(etag)}</ETag></R>` };
  }

  private checkCondition(headers: IncomingMessage['headers'], key: string): void {
    const there = this.objects.get(key);
    const isRefused =
      (headers['if-none-match'] === '*' && there) ||
      (headers['if-match'] !== undefined && headers['if-match'] !== there?.etag);
    if (isRefused) throw new Refused(412, 'PreconditionFailed');
  }

  private listing(prefix: string, query: URLSearchParams): string {
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort();
    const from = Number(query.get('continuation-token') ?? 0);
    const items = keys.slice(from, from + PAGE).map((key) => {
      const { body, etag } = this.objects.get(key) as Stored;
      return `<Contents><Key>${escaped(key)}</Key><Size>${body.length}</Size><ETag>${escaped(etag)}</ETag></Contents>`;
    });
    const next =
      from + PAGE < keys.length ? `<NextContinuationToken>${from + PAGE}</NextContinuationToken>` : '';
    return `<R><IsTruncated>${next !== ''}</IsTruncated>${next}${items.join('')}</R>`;
  }

  private uploads(prefix: string, query: URLSearchParams): string {
    const all = [...this.open].filter(([, { key }]) => key.startsWith(prefix));
    const marker = query.get('upload-id-marker');
    const from = marker === null ? 0 : all.findIndex(([id]) => id === marker) + 1;
    const page = all.slice(from, from + PAGE);
    const items = page.map(
      ([id, { key }]) =>
        `<Upload><Key>${escaped(key)}</Key><UploadId>${id}</UploadId><ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm>` +
        `<Initiated>${new Date(Number(id.slice(1)) * 1000).toISOString()}</Initiated></Upload>`,
    );
    const [lastId = '', last] = page.at(-1) ?? [];
    const isMore = from + PAGE < all.length;
    const next = isMore
      ? `<NextKeyMarker>${escaped(last?.key ?? '')}</NextKeyMarker><NextUploadIdMarker>${lastId}</NextUploadIdMarker>`
      : '';
    return `<R><IsTruncated>${isMore}</IsTruncated>${next}${items.join('')}</R>`;
  }
}

function nameOf(method: string, key: string, query: URLSearchParams): string {
  if (key === '') return query.has('uploads') ? 'ListMultipartUploads' : 'ListObjectsV2';
  if (method === 'HEAD') return 'HeadObject';
  if (method === 'POST') return query.has('uploads') ? 'CreateMultipartUpload' : 'CompleteMultipartUpload';
  if (method === 'PUT') return query.has('uploadId') ? 'UploadPart' : 'PutObject';
  return query.has('uploadId') ? 'ListParts' : method;
}

/** As S3 does: the signed SHA-256, and the checksum beside it, are those of what came. */
function checkBody(headers: IncomingMessage['headers'], body: Uint8Array): void {
  if (headers['x-amz-content-sha256'] !== createHash('sha256').update(body).digest('hex'))
    throw new Refused(400, 'XAmzContentSHA256Mismatch');
  if (headers['x-amz-checksum-crc64nvme'] !== crc64Text(crc64(body))) throw new Refused(400, 'BadDigest');
}

function headOf({ body, etag, version, checksum }: Stored): Record<string, string> {
  const { type = 'FULL_OBJECT', ...values } = checksum;
  return {
    'content-length': String(body.length),
    etag,
    'x-amz-version-id': version,
    'x-amz-checksum-type': type,
    ...Object.fromEntries(Object.entries(values).map(([name, value]) => [`x-amz-checksum-${name}`, value])),
  };
}

function parts({ parts: there }: Open, query: URLSearchParams): string {
  const numbers = [...there.keys()]
    .sort((a, b) => a - b)
    .filter((n) => n > Number(query.get('part-number-marker') ?? 0));
  const items = numbers.slice(0, PAGE).map((n) => {
    const { body, etag } = there.get(n) as { body: Uint8Array; etag: string };
    return `<Part><PartNumber>${n}</PartNumber><Size>${body.length}</Size><ETag>${escaped(etag)}</ETag><ChecksumCRC64NVME>${crc64Text(crc64(body))}</ChecksumCRC64NVME></Part>`;
  });
  const next =
    numbers.length > PAGE ? `<NextPartNumberMarker>${numbers[PAGE - 1]}</NextPartNumberMarker>` : '';
  return `<R><IsTruncated>${next !== ''}</IsTruncated>${next}${items.join('')}</R>`;
}
