import { S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { TransientError } from '../core/errors.ts';
import { withDeadline } from './deadline.ts';
import { jsonLog, type Log } from './log.ts';
import type { ObjectStore } from './object-store.ts';
import { requeueMessage } from './s3-events.ts';
import { S3Store } from './s3-store.ts';

/** Clients of one function, made once a process: they hold no state of an invocation. */
export function lambdaClients(accountId: string) {
  // A server that stands in for AWS has no bucket names in its host name.
  const forcePathStyle =
    process.env.AWS_ENDPOINT_URL !== undefined || process.env.AWS_ENDPOINT_URL_S3 !== undefined;
  const s3 = new S3Client({ forcePathStyle });
  const sqs = new SQSClient({});
  return {
    store: (bucket: string, deadline: AbortSignal): ObjectStore =>
      withDeadline(new S3Store(bucket, s3, { expectedBucketOwner: accountId }), deadline),
    requeueTo:
      (queueUrl: string, abortSignal: AbortSignal) =>
      async (object: { bucket: string; key: string; version: string }): Promise<void> => {
        const command = new SendMessageCommand({
          QueueUrl: queueUrl,
          MessageBody: requeueMessage(object.bucket, object.key, object.version),
        });
        await sqs.send(command, { abortSignal }).catch((cause: unknown) => {
          throw new TransientError('sqs', `${queueUrl}: it did not take ${object.bucket}/${object.key}`, {
            cause,
          });
        });
      },
  };
}

/** The log of a function: standard output, which Lambda sends to CloudWatch. */
export const lambdaLog: Log = jsonLog((line) => process.stdout.write(`${line}\n`));
