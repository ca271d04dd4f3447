import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { VERDICT_EVENT_SOURCE, VERDICT_EVENT_TYPE } from '../core/decision/verdict-event.ts';
import { TransientError } from '../core/errors.ts';
import type { Announce } from './announce.ts';

const CALL_LIMIT_MS = 30_000;

/** Puts verdicts on an EventBridge bus. PutEvents answers 200 for what it did not take: the entry says so. */
export function eventBus(busName: string, client: EventBridgeClient, deadline?: AbortSignal): Announce {
  return async (event) => {
    const command = new PutEventsCommand({
      Entries: [
        {
          EventBusName: busName,
          Source: VERDICT_EVENT_SOURCE,
          DetailType: VERDICT_EVENT_TYPE,
          Detail: JSON.stringify(event),
        },
      ],
    });
    const limit = AbortSignal.timeout(CALL_LIMIT_MS);
    const abortSignal = deadline ? AbortSignal.any([deadline, limit]) : limit;
    const answer = await client.send(command, { abortSignal }).catch((cause: unknown) => {
      throw new TransientError(
        'event-bus',
        `bus ${busName}: it did not answer for ${event.id} as expected (${(cause as Error).name})`,
        { cause },
      );
    });
    const entry = answer.Entries?.[0];
    if (answer.FailedEntryCount === 0 && entry?.EventId) return;
    throw new TransientError(
      'event-bus',
      `bus ${busName}: it did not take verdict event ${event.id} of ${event.program} (${entry?.ErrorCode ?? 'no entry'}: ${entry?.ErrorMessage ?? 'no message'})`,
    );
  };
}
