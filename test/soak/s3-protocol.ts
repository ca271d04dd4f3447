import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { crc32 } from 'node:zlib';
import type { DirectoryStore } from '../../functions/platform/directory-store.ts';
import {
  type ObjectInfo,
  ObjectMissingError,
  PreconditionFailedError,
} from '../../functions/platform/object-store.ts';

/** Why S3 says that an object was written, as its events name it. */
export type Reason = 'PutObject' | 'CompleteMultipartUpload';

/** An answer that is an error of the protocol. */
export class ProtocolError extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string) {
    super(code);
    this.status = status;
    this.code = code;
  }
}

interface Parts {
  readonly bucket: string;
  readonly key: string;
  readonly pieces: Map<number, Uint8Array>;
}

interface Asked {
  readonly store: DirectoryStore;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

const PAGE = 1_000;

const escaped = (text: string): string =>
  text.replace(/[&<>"]|[^\x20-\x7e]/gu, (c) => `&#${c.codePointAt(0)};`);
const tag = (name: string, text: string | number | boolean): string =>
  `<${name}>${escaped(String(text))}</${name}>`;

/**
 * The part of S3 that the product speaks, over folders: versions, conditions, ranges, uploads in parts. A body that ends
 * before its length or does not have its checksum leaves nothing.
 */
export class S3Protocol {
  /** Hears of each object that was written, once it is there and before the answer. */
  onPut: (store: DirectoryStore, info: ObjectInfo, reason: Reason) => void = () => {};
  private readonly stores: ReadonlyMap<string, DirectoryStore>;
  private readonly uploads = new Map<string, Parts>();

  constructor(stores: readonly DirectoryStore[]) {
    this.stores = new Map(stores.map((store) => [store.bucket, store]));
  }

  /** Answers one request; errors of the protocol are thrown. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const [, bucket = '', ...rest] = url.pathname.split('/');
    const store = this.stores.get(decodeURIComponent(bucket));
    if (!store) throw new ProtocolError(404, 'NoSuchBucket');
    const key = rest.map(decodeURIComponent).join('/');
    const { searchParams: query } = url;
    const asked: Asked = { store, key, query, request, response };
    const { method = '' } = request;
    if (method === 'GET' && query.has('versions')) return this.list(asked);
    if (method === 'GET' || method === 'HEAD') return this.get(asked);
    if (method === 'PUT') return query.has('uploadId') ? this.putPart(asked) : this.put(asked);
    if (method === 'POST') return query.has('uploads') ? this.begin(asked) : this.complete(asked);
    if (method !== 'DELETE') throw new ProtocolError(405, 'MethodNotAllowed');
    if (query.has('uploadId')) this.uploads.delete(query.get('uploadId') ?? '');
    else await store.delete(key);
    response.writeHead(204).end();
  }

  private async get({ store, key, query, request, response }: Asked): Promise<void> {
    const version = query.get('versionId');
    const pinned = version === null ? {} : { version };
    const info = await store.head(key, pinned);
    if (!info) throw new ProtocolError(404, version === null ? 'NoSuchKey' : 'NoSuchVersion');
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    const end = Math.min(Number(last), info.sizeBytes - 1);
    const range = first === undefined ? null : { first: Number(first), last: end };
    const length = range ? range.last - range.first + 1 : info.sizeBytes;
    response.writeHead(range ? 206 : 200, {
      etag: info.etag,
      'x-amz-version-id': info.version,
      'content-length': length,
      ...(range ? { 'content-range': `bytes ${range.first}-${range.last}/${info.sizeBytes}` } : {}),
    });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    const { body } = await store.get(key, { version: info.version, ...(range ? { range } : {}) });
    for await (const piece of body) response.write(piece);
    response.end();
  }

  private async put({ store, key, request, response }: Asked): Promise<void> {
    const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers;
    const upload = store.upload(key, {
      ...(ifMatch === undefined ? {} : { ifMatch }),
      ...(ifNoneMatch === undefined ? {} : { ifNoneMatch: '*' as const }),
    });
    try {
      for await (const piece of checked(request)) await upload.write(piece);
    } catch (error) {
      await upload.abort();
      throw error;
    }
    const info = await upload.finish();
    this.onPut(store, info, 'PutObject');
    response.writeHead(200, { etag: info.etag, 'x-amz-version-id': info.version }).end();
  }

  private begin({ store, key, response }: Asked): void {
    const id = randomUUID();
    this.uploads.set(id, { bucket: store.bucket, key, pieces: new Map() });
    xml(response, 'InitiateMultipartUploadResult', tag('UploadId', id));
  }

  private found({ store, key, query }: Asked): Parts {
    const parts = this.uploads.get(query.get('uploadId') ?? '');
    if (!parts || parts.bucket !== store.bucket || parts.key !== key)
      throw new ProtocolError(404, 'NoSuchUpload');
    return parts;
  }

  private async putPart(asked: Asked): Promise<void> {
    const parts = this.found(asked);
    const pieces: Uint8Array[] = [];
    for await (const piece of checked(asked.request)) pieces.push(piece);
    const number = Number(asked.query.get('partNumber'));
    parts.pieces.set(number, Buffer.concat(pieces));
    asked.response.writeHead(200, { etag: `"part-${number}"` }).end();
  }

  private async complete(asked: Asked): Promise<void> {
    const parts = this.found(asked);
    const { store, key, query, request, response } = asked;
    for await (const _ of request);
    const pieces = [...parts.pieces].sort(([a], [b]) => a - b).map(([, piece]) => piece);
    const info = await store.put(key, Buffer.concat(pieces));
    this.uploads.delete(query.get('uploadId') ?? '');
    this.onPut(store, info, 'CompleteMultipartUpload');
    response.setHeader('x-amz-version-id', info.version);
    xml(response, 'CompleteMultipartUploadResult', tag('ETag', info.etag));
  }

  /** Newest versions only: the product passes over the others. */
  private async list({ store, query, response }: Asked): Promise<void> {
    const after = query.get('key-marker') ?? '';
    const found: ObjectInfo[] = [];
    for await (const info of store.list(query.get('prefix') ?? ''))
      if (after === '' || Buffer.compare(Buffer.from(info.key), Buffer.from(after)) > 0) found.push(info);
    const page = found.slice(0, PAGE);
    const last = page.at(-1);
    const isTruncated = found.length > PAGE;
    const versions = page.map(
      ({ key, version, etag, sizeBytes }) =>
        `<Version>${tag('Key', key)}${tag('VersionId', version)}${tag('IsLatest', true)}${tag('ETag', etag)}${tag('Size', sizeBytes)}</Version>`,
    );
    const next =
      isTruncated && last ? tag('NextKeyMarker', last.key) + tag('NextVersionIdMarker', last.version) : '';
    xml(response, 'ListVersionsResult', tag('IsTruncated', isTruncated) + next + versions.join(''));
  }
}

/** The body of a request as long as it says, with the checksum that it says. */
async function* checked(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  const { 'content-length': length, 'x-amz-checksum-crc32': expected } = request.headers;
  if ((request.headers['content-encoding'] ?? '').includes('aws-chunked'))
    throw new ProtocolError(501, 'NotImplemented');
  let bytes = 0;
  let checksum = 0;
  for await (const piece of request as AsyncIterable<Uint8Array>) {
    bytes += piece.length;
    checksum = crc32(piece, checksum);
    yield piece;
  }
  if (length !== undefined && bytes !== Number(length)) throw new ProtocolError(400, 'IncompleteBody');
  if (expected === undefined) return;
  const found = Buffer.alloc(4);
  found.writeUInt32BE(checksum);
  if (found.toString('base64') !== expected) throw new ProtocolError(400, 'BadDigest');
}

function xml(response: ServerResponse, name: string, inner: string): void {
  const text = `<?xml version="1.0" encoding="UTF-8"?><${name}>${inner}</${name}>`;
  response.writeHead(200, { 'content-type': 'application/xml' }).end(text);
}

/** What a failure of a store is in the protocol. */
export function protocolError(error: unknown): ProtocolError {
  if (error instanceof ProtocolError) return error;
  if (error instanceof PreconditionFailedError) return new ProtocolError(412, 'PreconditionFailed');
  if (error instanceof ObjectMissingError) return new ProtocolError(404, 'NoSuchKey');
  return new ProtocolError(500, 'InternalError');
}

/** Answers with an error, unless an answer has begun: then the connection ends, and the body is short. */
export function answerError(response: ServerResponse, error: unknown): void {
  const { status, code } = protocolError(error);
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  response
    .writeHead(status, { 'content-type': 'application/xml', connection: 'close' })
    .end(`<?xml version="1.0" encoding="UTF-8"?><Error>${tag('Code', code)}${tag('Message', code)}</Error>`);
}
