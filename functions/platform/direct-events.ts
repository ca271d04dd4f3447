import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { TransientError } from '../core/errors.ts';

/** Stands for the message that a direct event never was. */
const DIRECT = 'direct';

const isQueueEvent = (event: object): event is SQSEvent =>
  'Records' in event &&
  Array.isArray(event.Records) &&
  event.Records.every((r: { eventSource?: unknown } | null) => r?.eventSource !== 'aws:s3');

/**
 * Gives a queue's batch to `handle` as it is, and what S3 or EventBridge hand to a function without a queue as a batch
 * of one message: whoever wires a bucket straight to a function gets the same.
 *
 * @throws TransientError `direct-event` when a direct event failed: nobody reads a batch response there, and only an
 * error makes Lambda try again.
 */
export async function handleEvent(
  event: object,
  handle: (batch: SQSEvent) => Promise<SQSBatchResponse>,
): Promise<SQSBatchResponse> {
  if (isQueueEvent(event)) return handle(event);
  const record = {
    messageId: DIRECT,
    body: JSON.stringify(event),
    attributes: { ApproximateReceiveCount: '1' },
  } as SQSRecord;
  const response = await handle({ Records: [record] });
  if (response.batchItemFailures.length === 0) return response;
  throw new TransientError('direct-event', 'an event that came without a queue failed; the log says why');
}
