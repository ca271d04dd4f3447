import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { TransientError } from '../core/errors.ts';
import type { Log } from './log.ts';

/**
 * Works off the records of one batch; those that throw come back to the queue, the others do not.
 *
 * @throws TransientError `message-id` where a record that failed cannot be named: then all come back, which are work that
 * is done twice, not work that is lost.
 */
export async function processBatch(
  event: SQSEvent,
  log: Log,
  each: (record: SQSRecord) => Promise<void>,
): Promise<SQSBatchResponse> {
  const batchItemFailures: { itemIdentifier: string }[] = [];
  let unnamed: unknown = null;
  for (const record of event.Records) {
    try {
      await each(record);
    } catch (error) {
      log.error('record failed', error, { messageId: record.messageId });
      if (record.messageId) batchItemFailures.push({ itemIdentifier: record.messageId });
      else unnamed = error;
    }
  }
  if (unnamed !== null)
    throw new TransientError('message-id', 'a record without a message id failed', { cause: unnamed });
  return { batchItemFailures };
}
