import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { parseEnvironment } from '../../functions/platform/environment.ts';
import { parseLandingKey } from '../../functions/platform/landing.ts';
import { jsonLog } from '../../functions/platform/log.ts';
import { METRICS, Metrics } from '../../functions/platform/metrics.ts';
import { parseObjectEvents, requeueMessage } from '../../functions/platform/s3-events.ts';

const notification = (key: string, eventName = 'ObjectCreated:Put'): string =>
  JSON.stringify({
    Records: [
      {
        eventSource: 'aws:s3',
        eventName,
        s3: { bucket: { name: 'b' }, object: { key, versionId: 'v', sequencer: '0' } },
      },
    ],
  });
const eventBridge = (key: string, detailType = 'Object Created'): string =>
  JSON.stringify({
    source: 'aws.s3',
    'detail-type': detailType,
    account: '123456789012',
    detail: { bucket: { name: 'b' }, object: { key } },
  });

describe('an event', () => {
  test('of EventBridge names its key as it is; a notification names it encoded', () => {
    expect(parseObjectEvents(eventBridge('p/r/a b+c é.csv'))).toEqual([
      { bucket: 'b', key: 'p/r/a b+c é.csv', version: null, account: '123456789012' },
    ]);
    expect(parseObjectEvents(notification('p/r/a+b%2Bc+%C3%A9.csv'))[0]).toMatchObject({
      key: 'p/r/a b+c é.csv',
      version: 'v',
      account: null,
    });
  });
  test('that we queued ourselves is read back', () => {
    expect(parseObjectEvents(requeueMessage('b', 'k', 'v'))).toMatchObject([
      { bucket: 'b', key: 'k', version: 'v' },
    ]);
  });
  test.each([
    ['a test event', '{"Service":"Amazon S3","Event":"s3:TestEvent"}'],
    ['a deletion', notification('k', 'ObjectRemoved:Delete')],
    ['a tagging', eventBridge('k', 'Object Tags Added')],
  ])('%s names no object', (_name, body) => {
    expect(parseObjectEvents(body)).toEqual([]);
  });
  test.each([
    ['no JSON', 'x'],
    ['another shape', '{"a":1}'],
    ['a key that is badly encoded', notification('%E0%A4%A')],
  ])('%s is an error', (_name, body) => {
    expect(() => parseObjectEvents(body)).toThrow(/expected/);
  });
});

describe('a landing key', () => {
  test.each([
    ['p/r/run.json', { program: 'p', run: 'r', path: 'run.json' }],
    ['p/r/power/node 0+é.txt', { program: 'p', run: 'r', path: 'power/node 0+é.txt' }],
    ['p/policy.json', null],
    ['p/r/', null],
    ['p/r/x/', null],
  ])('%s', (key, place) => {
    expect(parseLandingKey(key)).toEqual(place);
  });
  test.each(['p/r/../x', 'p/r//x', '/p/r/x', 'p/../r/x', 'p/r/a\nb', 'program=x/r/a', '.p/r/a'])(
    '%j is refused',
    (key) => {
      expect(() => parseLandingKey(key)).toThrow(/object key/);
    },
  );
});

describe('what a function says', () => {
  test('metrics hold zeros as well, and one dimension', () => {
    const metrics = new Metrics('ingest');
    metrics.count('FilesIngested');
    metrics.count('RowsRead', 10);
    const line = JSON.parse(metrics.line(5, { run: 'r' })) as Record<string, unknown> & {
      _aws: { CloudWatchMetrics: { Dimensions: string[][]; Metrics: { Name: string }[] }[] };
    };
    expect(line).toMatchObject({
      FilesIngested: 1,
      RowsRead: 10,
      FilesRefused: 0,
      Function: 'ingest',
      run: 'r',
    });
    expect(line._aws.CloudWatchMetrics[0]?.Dimensions).toEqual([['Function']]);
    expect(line._aws.CloudWatchMetrics[0]?.Metrics.map((m) => m.Name)).toEqual([...METRICS.ingest]);
  });
  test('the log bounds its lines and names causes', () => {
    const lines: string[] = [];
    const log = jsonLog((line) => lines.push(line));
    log.error('failed', new Error('outer', { cause: new Error('inner') }));
    log.info('x'.repeat(500_000));
    expect(JSON.parse(lines[0] as string)).toMatchObject({
      level: 'ERROR',
      error: { message: 'outer', cause: { message: 'inner' } },
    });
    expect(lines[1]?.length).toBeLessThanOrEqual(200_000);
  });
  test('a variable that is missing is named at start', () => {
    expect(() =>
      parseEnvironment(z.object({ LAKE_BUCKET: z.string(), ACCOUNT_ID: z.string() }), { ACCOUNT_ID: '1' }),
    ).toThrow(/LAKE_BUCKET/);
  });
});
