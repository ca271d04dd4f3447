import type { S3Client } from '@aws-sdk/client-s3';
import type { Access, Right } from './access.ts';
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
  readonly UploadId?: string;
  readonly PartNumber?: number;
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

const factsOf = ({ version, etag, bytes }: Version) => ({
  VersionId: version,
  ETag: etag,
  ContentLength: bytes.length,
});

/** A key whose newest entry is a delete marker is answered as one that never was. */
function found(bucket: Bucket, { Key = '', VersionId }: Input): Version {
  const version = bucket.find(Key, VersionId);
  if (!version) throw failed(VersionId === undefined ? 'NoSuchKey' : 'NoSuchVersion', 404);
  return version;
}

function put(bucket: Bucket, { Key = '', Body, IfNoneMatch, IfMatch }: Input) {
  const condition = { ifNoneMatch: IfNoneMatch, ifMatch: IfMatch };
  const written = bucket.put(Key, Body ?? new Uint8Array(0), condition);
  if (!written) throw failed('PreconditionFailed', 412);
  return factsOf(written);
}

/** Versions of deleted keys are listed as well, none of them the latest. */
function listed(bucket: Bucket, { Prefix = '', KeyMarker, VersionIdMarker }: Input) {
  const all = bucket.keys(Prefix).flatMap((key) => [...bucket.history(key)].reverse());
  const from = all.findIndex((v) => v.key === KeyMarker && v.version === VersionIdMarker) + 1;
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
}

function complete(bucket: Bucket, { UploadId = '' }: Input) {
  const written = bucket.complete(UploadId);
  if (!written) throw failed('NoSuchUpload', 404);
  return factsOf(written);
}

function putPart(bucket: Bucket, { UploadId = '', PartNumber = 0, Body }: Input) {
  if (!bucket.putPart(UploadId, PartNumber, Body ?? new Uint8Array(0))) throw failed('NoSuchUpload', 404);
  return { ETag: `"part-${PartNumber}"` };
}

interface Command {
  readonly verb: string;
  readonly right: Right;
  readonly effect: (bucket: Bucket, input: Input) => unknown;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  HeadObjectCommand: { verb: 'head', right: 'read', effect: (b, input) => factsOf(found(b, input)) },
  ListObjectVersionsCommand: { verb: 'list', right: 'read', effect: listed },
  PutObjectCommand: { verb: 'put', right: 'write', effect: put },
  CreateMultipartUploadCommand: {
    verb: 'begin',
    right: 'write',
    effect: (b, { Key = '' }) => ({ UploadId: b.begin(Key) }),
  },
  UploadPartCommand: { verb: 'put part of', right: 'write', effect: putPart },
  CompleteMultipartUploadCommand: { verb: 'complete', right: 'write', effect: complete },
  AbortMultipartUploadCommand: {
    verb: 'give up',
    right: 'write',
    effect: (b, { UploadId = '' }) => b.giveUp(UploadId),
  },
};

/** The part of the S3 protocol that the product speaks, over a bucket of the world, for one instance of a function. */
export function s3Client(world: World, task: Task, bucket: Bucket, access: Access): S3Client {
  const call = <T>(
    verb: string,
    right: Right,
    place: string,
    effect: () => T,
    signal?: AbortSignal,
  ): Promise<T> =>
    world.call(task, {
      label: `${verb} ${bucket.name}/${place}`,
      effect: () => {
        if (!access.isDenied(bucket.name, right)) return effect();
        world.say(`${task.name}: may not ${right} ${bucket.name}`);
        throw failed('AccessDenied', 403);
      },
      faults: right === 'read' ? READ : WRITE,
      answer: refused,
      signal,
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

  async function get(input: Input, signal: AbortSignal | undefined): Promise<unknown> {
    const { Key = '' } = input;
    const version = await call('get', 'read', Key, () => found(bucket, input), signal);
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(input.Range ?? '') ?? [];
    const bytes =
      first === undefined ? version.bytes : version.bytes.subarray(Number(first), Number(last) + 1);
    return {
      ...factsOf(version),
      ContentLength: bytes.length,
      ...(first === undefined ? {} : { ContentRange: `bytes ${first}-${last}/${version.bytes.length}` }),
      Body: body(`${bucket.name}/${Key}`, bytes, signal),
    };
  }

  const send = (command: { readonly input: Input }, options: { readonly abortSignal?: AbortSignal } = {}) => {
    const { name } = command.constructor;
    const { input } = command;
    if (name === 'GetObjectCommand') return get(input, options.abortSignal);
    const known = COMMANDS[name];
    if (!known) throw new Error(`the simulated S3 does not know ${name}`);
    const place = input.Key ?? input.Prefix ?? '';
    return call(known.verb, known.right, place, () => known.effect(bucket, input), options.abortSignal);
  };
  return { send } as unknown as S3Client;
}
