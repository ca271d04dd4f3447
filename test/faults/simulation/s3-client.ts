import type { S3Client } from '@aws-sdk/client-s3';
import type { Bucket, Version } from './bucket.ts';
import type { Fault } from './choices.ts';
import type { Task, World } from './world.ts';

/** The fields of commands that the store of the product sends. */
interface Input {
  readonly Key?: string;
  readonly VersionId?: string;
  readonly Range?: string;
  readonly Body?: Uint8Array;
  readonly IfNoneMatch?: string;
  readonly IfMatch?: string;
  readonly Prefix?: string;
  readonly KeyMarker?: string;
  readonly VersionIdMarker?: string;
}

const READ: readonly Fault[] = ['unavailable', 'slow', 'crash-before', 'crash-after'];
const WRITE: readonly Fault[] = [
  'unavailable',
  'answer-lost',
  'sent-twice',
  'conflict',
  'slow',
  'crash-before',
  'crash-after',
];
const BODY: readonly Fault[] = ['cut', 'stalled', 'slow', 'unavailable', 'crash-before'];
/** Small, so that listings have pages. */
const PAGE_VERSIONS = 8;

const failed = (name: string, httpStatusCode: number): Error =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });

/** What the SDK throws once it has tried as often as it does. */
function refused(fault: Fault): never {
  throw fault === 'conflict' ? failed('ConditionalRequestConflict', 409) : failed('SlowDown', 503);
}

/** The part of the S3 protocol that the product speaks, over a bucket of the world, for one instance of a function. */
export function s3Client(world: World, task: Task, bucket: Bucket): S3Client {
  const find = ({ Key = '', VersionId }: Input): Version => {
    const found = bucket.find(Key, VersionId);
    if (!found) throw failed(VersionId === undefined ? 'NoSuchKey' : 'NoSuchVersion', 404);
    return found;
  };
  const facts = ({ version, etag, bytes }: Version) => ({
    VersionId: version,
    ETag: etag,
    ContentLength: bytes.length,
  });

  async function* body(
    label: string,
    bytes: Uint8Array,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array> {
    const piece = await world.call(task, {
      label: `body of ${label}`,
      effect: () => bytes,
      faults: BODY,
      answer: (fault) => (fault === 'cut' ? bytes.subarray(0, bytes.length >> 1) : refused(fault)),
      signal,
    });
    if (piece.length > 0) yield piece;
  }

  const commands: Record<string, (input: Input, signal: AbortSignal | undefined) => Promise<unknown>> = {
    GetObjectCommand: async (input, signal) => {
      const label = `${bucket.name}/${input.Key}`;
      const found = await world.call(task, {
        label: `get ${label}`,
        effect: () => find(input),
        faults: READ,
        answer: refused,
        signal,
      });
      const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(input.Range ?? '') ?? [];
      const bytes = first === undefined ? found.bytes : found.bytes.subarray(Number(first), Number(last) + 1);
      return {
        ...facts(found),
        ContentLength: bytes.length,
        ...(first === undefined ? {} : { ContentRange: `bytes ${first}-${last}/${found.bytes.length}` }),
        Body: body(label, bytes, signal),
      };
    },
    HeadObjectCommand: async (input, signal) =>
      world.call(task, {
        label: `head ${bucket.name}/${input.Key}`,
        effect: () => facts(find(input)),
        faults: READ,
        answer: refused,
        signal,
      }),
    PutObjectCommand: async (input, signal) =>
      world.call(task, {
        label: `put ${bucket.name}/${input.Key}`,
        effect: () => {
          const { IfNoneMatch: ifNoneMatch, IfMatch: ifMatch } = input;
          const written = bucket.put(input.Key ?? '', input.Body ?? new Uint8Array(0), {
            ifNoneMatch,
            ifMatch,
          });
          if (!written) throw failed('PreconditionFailed', 412);
          return { VersionId: written.version, ETag: written.etag };
        },
        faults: WRITE,
        answer: refused,
        signal,
      }),
    ListObjectVersionsCommand: async ({ Prefix = '', KeyMarker, VersionIdMarker }, signal) =>
      world.call(task, {
        label: `list ${bucket.name}/${Prefix}`,
        effect: () => {
          const all = bucket.list(Prefix).flatMap(({ key }) => [...bucket.history(key)].reverse());
          const from =
            all.findIndex(({ key, version }) => key === KeyMarker && version === VersionIdMarker) + 1;
          const last = all[from + PAGE_VERSIONS - 1];
          return {
            Versions: all.slice(from, from + PAGE_VERSIONS).map((v) => ({
              Key: v.key,
              VersionId: v.version,
              IsLatest: bucket.find(v.key) === v,
              ETag: v.etag,
              Size: v.bytes.length,
            })),
            IsTruncated: from + PAGE_VERSIONS < all.length,
            ...(last ? { NextKeyMarker: last.key, NextVersionIdMarker: last.version } : {}),
          };
        },
        faults: READ,
        answer: refused,
        signal,
      }),
  };
  const send = (command: { readonly input: Input }, options: { readonly abortSignal?: AbortSignal } = {}) => {
    const name = command.constructor.name;
    const known = commands[name];
    if (!known) throw new Error(`the simulated S3 does not know ${name}`);
    return known(command.input, options.abortSignal);
  };
  return { send } as unknown as S3Client;
}
