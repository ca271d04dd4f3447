import * as z from 'zod';
import { InputError } from '../core/errors.ts';

/** An object that was written, as any of the accepted event shapes names it. */
export interface ObjectEvent {
  readonly bucket: string;
  readonly key: string;
  /** Null where the sender did not say: then the current version is meant. */
  readonly version: string | null;
  readonly account: string | null;
}

const EventBridgeSchema = z.looseObject({
  source: z.literal('aws.s3'),
  'detail-type': z.string(),
  account: z.string(),
  detail: z.looseObject({
    bucket: z.looseObject({ name: z.string() }),
    object: z.looseObject({ key: z.string(), 'version-id': z.string().optional() }),
  }),
});

const NotificationSchema = z.looseObject({
  Records: z.array(
    z.looseObject({
      eventSource: z.literal('aws:s3'),
      eventName: z.string(),
      s3: z.looseObject({
        bucket: z.looseObject({ name: z.string() }),
        object: z.looseObject({ key: z.string(), versionId: z.string().optional() }),
      }),
    }),
  ),
});

const TestEventSchema = z.looseObject({ Event: z.literal('s3:TestEvent') });

/** What reconcile and a new manifest put on the queue themselves. */
export const RequeueSchema = z.strictObject({
  schema: z.literal('wattline/requeue@1'),
  bucket: z.string(),
  key: z.string(),
  version: z.string(),
});

export const requeueMessage = (bucket: string, key: string, version: string): string =>
  JSON.stringify({ schema: 'wattline/requeue@1', bucket, key, version } satisfies z.infer<
    typeof RequeueSchema
  >);

/** S3 notifications encode keys as a form does: a plus is a space. EventBridge sends them as they are. */
function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch (cause) {
    throw new InputError('event-key', `object key ${JSON.stringify(key)}: expected URL encoding`, { cause });
  }
}

/** The event as EventBridge delivers it; also used by the local pipeline to drive the same handlers. */
export function eventBridgeMessage(event: ObjectEvent & { readonly account: string }): string {
  return JSON.stringify({
    version: '0',
    source: 'aws.s3',
    'detail-type': 'Object Created',
    account: event.account,
    detail: {
      bucket: { name: event.bucket },
      object: { key: event.key, ...(event.version === null ? {} : { 'version-id': event.version }) },
    },
  });
}

/**
 * The written objects that one message names: EventBridge, S3 notification or our own re-queueing. Empty for
 * messages that are well formed and name none (test events, deletions, taggings).
 *
 * @throws InputError `event-shape` for anything else.
 */
export function parseObjectEvents(body: string): ObjectEvent[] {
  const message = parseBody(body);
  const requeue = RequeueSchema.safeParse(message);
  if (requeue.success) return [{ ...requeue.data, account: null }];
  const event = EventBridgeSchema.safeParse(message);
  if (event.success) {
    const { detail, account } = event.data;
    if (event.data['detail-type'] !== 'Object Created') return [];
    return [
      {
        bucket: detail.bucket.name,
        key: detail.object.key,
        version: detail.object['version-id'] ?? null,
        account,
      },
    ];
  }
  const notification = NotificationSchema.safeParse(message);
  if (notification.success) {
    return notification.data.Records.filter((r) => r.eventName.startsWith('ObjectCreated:')).map(
      ({ s3 }) => ({
        bucket: s3.bucket.name,
        key: decodeKey(s3.object.key),
        version: s3.object.versionId ?? null,
        account: null,
      }),
    );
  }
  if (TestEventSchema.safeParse(message).success) return [];
  throw new InputError(
    'event-shape',
    `message ${JSON.stringify(body.slice(0, 200))}: expected an S3 event from EventBridge, an S3 notification or a re-queued object`,
  );
}

function parseBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new InputError('event-shape', `message ${JSON.stringify(body.slice(0, 200))}: expected JSON`, {
      cause,
    });
  }
}
