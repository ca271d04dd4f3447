import { check } from '../checks.ts';
import { versions } from '../objects.ts';
import { drained, send, take } from '../queues.ts';
import type { World } from '../world.ts';

/** Every event again, the last one first: what is in the buckets stays, to the version of each object. */
export async function redelivery({ deployment, queues, taps }: World): Promise<void> {
  const { lake, reports } = deployment.stores;
  const landed = (await take(taps.landing)).map((m) => m.Body);
  const receipts = (await take(taps.lake)).map((m) => m.Body);
  const [sample = '{}'] = landed;
  const { detail } = JSON.parse(sample) as { detail?: { object?: Record<string, unknown> } };
  console.log(`     an event names of its object: ${Object.keys(detail?.object ?? {}).join(', ')}`);
  const before = new Set([...(await versions(lake.bucket)), ...(await versions(reports.bucket))]);
  await Promise.all([send(queues.ingest, landed.toReversed()), send(queues.evaluate, receipts.toReversed())]);
  await drained(queues.ingest, queues.evaluate);
  const after = new Set([...(await versions(lake.bucket)), ...(await versions(reports.bucket))]);
  const written = [...after].filter((version) => !before.has(version));
  check(
    `${landed.length} events of uploads and ${receipts.length} of receipts came again, the last one first: none of ${before.size} object versions is new or gone`,
    landed.length > 0 && receipts.length > 0 && written.length === 0 && after.size === before.size,
    `${written.length} were written, first ${written[0]}`,
  );
}
