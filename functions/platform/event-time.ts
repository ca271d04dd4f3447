import * as z from 'zod';

const StampedSchema = z.union([
  z.looseObject({ time: z.string() }).transform((event) => [event.time]),
  z
    .looseObject({ Records: z.array(z.looseObject({ eventTime: z.string() })).min(1) })
    .transform((event) => event.Records.map((r) => r.eventTime)),
]);

/**
 * When S3 says that the object of a message was written, in milliseconds: the earliest where a message names several,
 * so that a lag is never understated. Null where it does not say, as for an object that was queued again.
 */
export function eventTimeMs(body: string): number | null {
  let message: unknown;
  try {
    message = JSON.parse(body);
  } catch {
    return null;
  }
  const stamped = StampedSchema.safeParse(message);
  if (!stamped.success) return null;
  const times = stamped.data.map((time) => Date.parse(time)).filter((ms) => !Number.isNaN(ms));
  return times.length === 0 ? null : Math.min(...times);
}
