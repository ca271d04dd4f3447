import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DirectoryStore } from '../../functions/platform/directory-store.ts';
import { S3Store } from '../../functions/platform/s3-store.ts';
import { describeObjectStore } from '../conformance/object-store-suite.ts';
import { leftoversIn, removeLeftovers } from './leftovers.ts';
import { thirdsOf } from './memory.ts';
import { differences } from './oracle.ts';
import { answerError, type Reason, S3Protocol } from './s3-protocol.ts';
import { firstUploads, runUploads } from './traffic.ts';
import { storeClient, upload } from './uploader.ts';

const folder = mkdtempSync(join(tmpdir(), 'wattline-soak-test-'));
const BUCKETS = Array.from({ length: 60 }, (_, i) => `bucket-${i}`);
const stores = new Map(BUCKETS.map((name) => [name, new DirectoryStore(name, join(folder, name))]));
const landing = new DirectoryStore('landing', join(folder, 'landing'));
const protocol = new S3Protocol([...stores.values(), landing]);
let server: Server;
let port = 0;

beforeAll(async () => {
  server = createServer((asked, response) => {
    protocol.handle(asked, response).catch((error: unknown) => answerError(response, error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

let used = 0;
describeObjectStore('the store of the soak, by the S3 protocol', async () => {
  used += 1;
  return new S3Store(BUCKETS[used] as string, storeClient(port));
});

/** Sends a part of a body and ends the connection, as a process that is killed does; whole bodies get their status. */
function put(key: string, body: string, headers: Record<string, string | number>): Promise<number | null> {
  return new Promise((resolve) => {
    const path = `/landing/${key}`;
    const sent = request({ port, host: '127.0.0.1', method: 'PUT', path, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? null);
    });
    sent.on('error', () => resolve(null));
    const isWhole = headers['content-length'] === body.length;
    sent.write(body, () => (isWhole ? sent.end() : setTimeout(() => sent.destroy(), 50)));
  });
}

describe('the store of the soak', () => {
  test('keeps nothing of a body that breaks off', async () => {
    expect(await put('p/r/cut.csv', 'half', { 'content-length': 8 })).toBeNull();
    await expect.poll(() => leftoversIn(join(folder, 'landing'))).toEqual([]);
    expect(await landing.head('p/r/cut.csv')).toBeNull();
  });

  test('keeps nothing of a body that is not what its checksum says', async () => {
    const headers = { 'content-length': 5, 'x-amz-checksum-crc32': 'AAAAAA==' };
    expect(await put('p/r/wrong.csv', 'bytes', headers)).toBe(400);
    expect(await landing.head('p/r/wrong.csv')).toBeNull();
  });

  test('tells of what was written, and in which way', async () => {
    const told: (readonly [string, Reason])[] = [];
    protocol.onPut = (_store, { key }, reason) => told.push([key, reason]);
    const client = storeClient(port);
    const body = Buffer.from('abc');
    for (const isInParts of [false, true]) await upload(client, { key: 'p/r/a', body, afterS: 0, isInParts });
    client.destroy();
    expect(told).toEqual([
      ['p/r/a', 'PutObject'],
      ['p/r/a', 'CompleteMultipartUpload'],
    ]);
  });

  test('removes at its start what it left when it was killed', async () => {
    const side = join(folder, 'killed', '.versions', 'of-a-key');
    mkdirSync(side, { recursive: true });
    for (const name of ['half.part', 'lock', 'current.json', '000001-0123456789abcdef'])
      writeFileSync(join(side, name), name);
    expect(await leftoversIn(join(folder, 'killed'))).toHaveLength(2);
    expect(await removeLeftovers(join(folder, 'killed'))).toBe(2);
    expect(await leftoversIn(join(folder, 'killed'))).toEqual([]);
  });
});

test('a key that is overwritten in a folder is listed at every moment', async () => {
  const store = new DirectoryStore('busy', join(folder, 'busy'));
  await store.put('a', Buffer.from('0'));
  let isDone = false;
  const writing = (async () => {
    for (let i = 0; i < 150; i += 1) await store.put('a', Buffer.from(String(i)));
    isDone = true;
  })();
  let listings = 0;
  while (!isDone) {
    const keys: string[] = [];
    for await (const { key } of store.list('')) keys.push(key);
    expect(keys).toEqual(['a']);
    listings += 1;
  }
  await writing;
  expect(listings).toBeGreaterThan(20);
});

describe('traffic', () => {
  test('of a seed is the same, and each run has a manifest, readings and a log', () => {
    for (let i = 0; i < 24; i += 1) {
      const uploads = runUploads(7, i);
      expect(runUploads(7, i)).toEqual(uploads);
      const paths = uploads.map(({ key }) => key.split('/').slice(2).join('/'));
      expect(paths).toEqual(expect.arrayContaining(['run.json', 'training.jsonl']));
      expect(paths.some((path) => /^power\.csv/.test(path))).toBe(true);
    }
  });

  test('has every kind of trouble', () => {
    const all = Array.from({ length: 100 }, (_, i) => runUploads(7, i)).flat();
    const counts = new Map<string, number>();
    for (const { key } of all) counts.set(key, (counts.get(key) ?? 0) + 1);
    expect([...counts.values()].some((count) => count > 1)).toBe(true);
    for (const part of ['power.csv.gz', 'power-notes.csv', '/not a run/'])
      expect(all.some(({ key }) => key.includes(part))).toBe(true);
    expect(all.some(({ isInParts }) => isInParts)).toBe(true);
    expect(new Set(firstUploads().map(({ key }) => key.split('/')[0])).size).toBe(6);
  });
});

describe('what a soak says', () => {
  const samples = (of: (i: number) => number) =>
    Array.from({ length: 300 }, (_, i) => ({ atMs: i, rssBytes: of(i) * 2 ** 20, heapBytes: 2 ** 20 }));

  test.each([
    ['the same throughout', () => 100, true],
    ['with peaks', (i: number) => (i % 10 === 0 ? 200 : 100), true],
    ['less in the end', (i: number) => 300 - i, true],
    ['more and more', (i: number) => 100 + i, false],
  ])('memory that is %s', (_name, of, isFlat) => {
    expect(thirdsOf('ingest', samples(of)).isFlat).toBe(isFlat);
  });

  test('medians of the thirds, and nothing of few samples', () => {
    expect(
      thirdsOf(
        'ingest',
        samples((i) => Math.floor(i / 100)),
      ).rssMib,
    ).toEqual([0, 1, 2]);
    expect(thirdsOf('ingest', samples(() => 1).slice(0, 20)).isFlat).toBeNull();
    expect(thirdsOf('ingest', []).rssMib).toEqual([0, 0, 0]);
  });

  test('every object that is absent, new or different', () => {
    const found = new Map([
      ['same', 'a'],
      ['other', 'b'],
      ['new', 'c'],
    ]);
    const quiet = new Map([
      ['same', 'a'],
      ['other', 'x'],
      ['lost', 'd'],
    ]);
    expect(differences(found, quiet)).toEqual([
      'differs from the quiet run: other (b, expected x)',
      'differs from the quiet run: new (c, expected absent)',
      'differs from the quiet run: lost (absent, expected d)',
    ]);
  });
});
