import { Stack } from 'aws-cdk-lib';
import type { EventPattern } from 'aws-cdk-lib/aws-events';
import type { Bucket } from 'aws-cdk-lib/aws-s3';

type ObjectPattern = Readonly<Record<string, unknown>>;

/**
 * `<program>/<run>/<path>`. Folder markers are empty and have no dot in their names; an empty file that has one is a
 * file that somebody should hear of, and goes to ingest to be refused with its reason.
 */
export const TELEMETRY: ObjectPattern = {
  $or: [
    { key: [{ wildcard: '*/*/*' }], size: [{ numeric: ['>', 0] }] },
    { key: [{ wildcard: '*/*/*.*' }], size: [0] },
  ],
};

export const RECEIPTS: ObjectPattern = { key: [{ prefix: 'receipts/' }], size: [{ numeric: ['>', 0] }] };

/** Objects that were written to a bucket of this account, as EventBridge tells it. */
export const objectCreated = (bucket: Bucket, object: ObjectPattern): EventPattern => ({
  source: ['aws.s3'],
  detailType: ['Object Created'],
  account: [Stack.of(bucket).account],
  detail: { bucket: { name: [bucket.bucketName] }, object },
});
