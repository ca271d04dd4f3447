import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { expect, test } from 'vitest';
import type { VerdictEvent } from '../../functions/core/decision/verdict-event.ts';
import { eventBus } from '../../functions/decide/event-bus.ts';

const event: VerdictEvent = {
  schema: 'wattline/verdict-event@1',
  id: 'i',
  sequence: 1,
  program: 'p',
  date: '2026-01-01',
  from: null,
  to: 'hold',
  simulated: false,
  reasons: [],
  decision: { bucket: 'l', key: 'k', digest: 'd' },
  report: { bucket: 'r', key: 'k' },
};

interface Sent {
  input: { Entries: Record<string, string>[] };
}
function answering(answer: object): { client: EventBridgeClient; sent: Sent[] } {
  const sent: Sent[] = [];
  const send = async (command: Sent): Promise<object> => {
    sent.push(command);
    return answer;
  };
  return { client: { send } as unknown as EventBridgeClient, sent };
}

test('a verdict goes onto the bus under the documented source and type', async () => {
  const { client, sent } = answering({ FailedEntryCount: 0, Entries: [{ EventId: '1' }] });
  await eventBus('default', client)(event);
  const [entry] = sent[0]?.input.Entries ?? [];
  expect(entry).toMatchObject({
    EventBusName: 'default',
    Source: 'wattline',
    DetailType: 'Wattline Verdict Changed',
  });
  expect(JSON.parse(entry?.Detail ?? '')).toEqual(event);
});

test('an entry that the bus did not take is an error that can be tried again, though the call succeeded', async () => {
  const { client } = answering({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'ThrottlingException' }] });
  await expect(eventBus('default', client)(event)).rejects.toMatchObject({
    code: 'event-bus',
    retryable: true,
    message: expect.stringMatching(/default.*i of p.*ThrottlingException/),
  });
});
