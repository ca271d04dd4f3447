import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { processBatch } from '../platform/batch.ts';
import { eventTimeMs } from '../platform/event-time.ts';
import type { Log } from '../platform/log.ts';
import { type MetricName, Metrics } from '../platform/metrics.ts';
import { parseObjectEvents } from '../platform/s3-events.ts';
import { type IngestDependencies, type IngestOutcome, ingest } from './ingest.ts';

export interface IngestQueueDependencies extends IngestDependencies {
  readonly accountId: string;
  readonly log: Log;
  readonly now: () => number;
}

const COUNTS: Record<IngestOutcome['kind'], MetricName<'ingest'>> = {
  ingested: 'FilesIngested',
  refused: 'FilesRefused',
  duplicate: 'FilesDuplicate',
  deferred: 'FilesDeferred',
  ignored: 'FilesIgnored',
  gone: 'FilesIgnored',
};

/** Ingests every object that a batch of messages names; only the messages that failed come back. */
export async function handleIngestQueue(
  event: SQSEvent,
  dependencies: IngestQueueDependencies,
): Promise<SQSBatchResponse> {
  const { landing, accountId, log, now } = dependencies;
  const metrics = new Metrics('ingest');
  const beganMs = now();
  const response = await processBatch(event, log, async (record) => {
    const objects = parseObjectEvents(record.body);
    if (objects.length === 0) metrics.count('FilesIgnored');
    for (const object of objects) {
      if (object.bucket !== landing.bucket || (object.account !== null && object.account !== accountId)) {
        metrics.count('ForgedEvents');
        log.error('event of another bucket or account', object.bucket, { messageId: record.messageId });
        continue;
      }
      const { kind, receipt } = await ingest(dependencies, object);
      metrics.count(COUNTS[kind]);
      if (receipt && kind !== 'duplicate') {
        metrics.count('RowsRead', receipt.rows);
        metrics.count('RowsRejected', receipt.rejected);
        metrics.count('BytesRead', receipt.source.sizeBytes);
        const uploadedMs = eventTimeMs(record.body);
        if (uploadedMs !== null) metrics.took('UploadToReceipt', now() - uploadedMs);
      }
      log.info('ingest', {
        kind,
        key: object.key,
        ...(receipt?.refusal ? { refusal: receipt.refusal } : {}),
      });
    }
  });
  metrics.count('Failures', response.batchItemFailures.length);
  const endedMs = now();
  metrics.took('WorkDuration', endedMs - beganMs);
  log.line(metrics.line(endedMs));
  return response;
}
