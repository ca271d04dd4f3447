import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { crc64, crc64Text } from '../../cli/push/crc64.ts';
import { partBytesOf } from '../../cli/push/part-size.ts';
import { CSV, LARGE, outcomes, PART, PushWorld, RUN } from './push-world.ts';

const world = new PushWorld();

describe('a push', () => {
  test('sends every file, run.json last, each with checksums that S3 has compared', async () => {
    world.put('power/n0.csv', CSV);
    world.put('logs/train log.txt', 'loss 2.5\n');
    world.put('power/large.bin', LARGE);
    world.put('empty.csv', '');
    world.put('.hidden', 'no');
    const result = await world.push();
    expect(outcomes(result)).toEqual({
      'empty.csv': 'sent',
      'logs/train log.txt': 'sent',
      'power/large.bin': 'sent',
      'power/n0.csv': 'sent',
      'run.json': 'sent',
    });
    expect(world.isSent('power/large.bin', LARGE)).toBe(true);
    expect(world.isSent('power/n0.csv', CSV)).toBe(true);
    expect(world.server.said('UploadPart')).toHaveLength(4);
    expect(world.server.said().at(-1)).toBe('PutObject p/r/run.json');
    const large = result.find(({ key }) => key.endsWith('large.bin'))?.sent;
    expect(large).toMatchObject({
      sizeBytes: LARGE.length,
      sentBytes: LARGE.length,
      parts: 4,
      partsThere: 0,
      crc64nvme: crc64Text(crc64(LARGE)),
      sha256: createHash('sha256').update(LARGE).digest('hex'),
    });
    for (const { headers } of world.server.calls.filter(
      (c) => c.bytes > 0 && c.what !== 'CompleteMultipartUpload',
    ))
      expect(headers['x-amz-content-sha256']).toMatch(/^[0-9a-f]{64}$/);
  });

  test('again sends nothing, and asks for no more than a listing and a look at each file', async () => {
    world.put('a.csv', CSV);
    world.put('large.bin', LARGE);
    await world.push();
    world.server.calls.length = 0;
    expect(outcomes(await world.push())).toEqual({
      'a.csv': 'there',
      'large.bin': 'there',
      'run.json': 'there',
    });
    expect(new Set(world.server.calls.map((c) => c.what))).toEqual(new Set(['ListObjectsV2', 'HeadObject']));
  });

  test('cut an exact number of parts has no empty one', async () => {
    world.put('large.bin', LARGE.subarray(0, 2 * PART));
    await world.push();
    expect(world.server.said('UploadPart')).toHaveLength(2);
    expect(world.bodyOf('large.bin')).toHaveLength(2 * PART);
  });

  test('has no more bodies under way than it may', async () => {
    for (let i = 0; i < 6; i += 1) world.put(`${i}.csv`, `${i}`);
    world.put('large.bin', LARGE);
    let now = 0;
    let most = 0;
    // The first wait for the third: fewer than three at a time would wait for ever.
    let isThird: () => void = () => {};
    const third = new Promise<void>((resolve) => {
      isThird = resolve;
    });
    world.server.fault = async ({ what }) => {
      if (what !== 'PutObject' && what !== 'UploadPart') return null;
      now += 1;
      most = Math.max(most, now);
      if (now === 3) isThird();
      await third;
      now -= 1;
      return null;
    };
    await world.push({ atOnce: 3 });
    expect(most).toBe(3);
  });

  test('tells of as many bytes as there are, also where some have to go again', async () => {
    world.put('a.csv', CSV);
    world.put('large.bin', LARGE);
    let done = 0;
    let conflicts = 1;
    world.server.fault = ({ what }) => {
      if (what !== 'CompleteMultipartUpload' || conflicts === 0) return null;
      conflicts -= 1;
      return { status: 409, code: 'ConditionalRequestConflict' };
    };
    await world.push({
      onDone: (bytes) => {
        done += bytes;
      },
    });
    expect(conflicts).toBe(0);
    expect(done).toBe(CSV.length + LARGE.length + JSON.stringify(RUN).length);
  });

  test('of others’ names sends a run.json that says them, and keeps all else of it', async () => {
    world.put('a.csv', CSV);
    await world.push({ program: 'other', run: 'night-2' });
    const sent = JSON.parse(
      Buffer.from(world.server.objects.get('other/night-2/run.json')?.body ?? []).toString(),
    );
    expect(sent).toEqual({ ...RUN, program: 'other', run: 'night-2' });
    expect(world.server.objects.has('other/night-2/a.csv')).toBe(true);
  });
});

describe('a push that was cut off', () => {
  const failAfter = (parts: number): void => {
    let left = parts;
    world.server.fault = ({ what }) => {
      if (what !== 'UploadPart') return null;
      left -= 1;
      return left < 0 ? { status: 403, code: 'AccessDenied' } : null;
    };
  };

  test('goes on with the parts that S3 has, and sends run.json only then', async () => {
    world.put('large.bin', LARGE);
    failAfter(2);
    await expect(world.push({ atOnce: 1 })).rejects.toMatchObject({ code: 'denied' });
    expect(world.server.objects.size).toBe(0);
    world.server.fault = () => null;
    world.server.calls.length = 0;
    const [large] = await world.push();
    expect(world.server.said('UploadPart')).toEqual([
      'UploadPart p/r/large.bin 3',
      'UploadPart p/r/large.bin 4',
    ]);
    expect(large?.sent).toMatchObject({ parts: 4, partsThere: 2, sentBytes: LARGE.length - 2 * PART });
    expect(world.isSent('large.bin', LARGE)).toBe(true);
    expect(world.server.open.size).toBe(0);
  });

  test('sends a part again whose bytes are others now', async () => {
    const path = world.put('large.bin', LARGE);
    failAfter(3);
    await expect(world.push({ atOnce: 1 })).rejects.toThrow();
    const changed = Buffer.from(LARGE);
    changed.write('changed', PART);
    writeFileSync(path, changed);
    world.server.fault = () => null;
    world.server.calls.length = 0;
    await world.push();
    expect(world.server.said('UploadPart').sort()).toEqual([
      'UploadPart p/r/large.bin 2',
      'UploadPart p/r/large.bin 4',
    ]);
    expect(world.isSent('large.bin', changed)).toBe(true);
  });

  test('begins anew where it may not see what S3 has', async () => {
    world.put('large.bin', LARGE);
    failAfter(2);
    await expect(world.push({ atOnce: 1 })).rejects.toThrow();
    world.server.fault = ({ what }) =>
      what === 'ListMultipartUploads' ? { status: 403, code: 'AccessDenied' } : null;
    world.server.calls.length = 0;
    await world.push();
    expect(world.server.said('UploadPart')).toHaveLength(4);
    expect(world.isSent('large.bin', LARGE)).toBe(true);
  });

  test('begins anew where its upload was ended by somebody else', async () => {
    world.put('large.bin', LARGE);
    let isFirst = true;
    world.server.fault = ({ what, part }) => {
      if (what === 'UploadPart' && part === 2 && isFirst) {
        isFirst = false;
        world.server.open.clear();
      }
      return null;
    };
    await world.push({ atOnce: 1 });
    expect(world.isSent('large.bin', LARGE)).toBe(true);
  });
});

describe('faults of the network', () => {
  test.each(['PutObject', 'CompleteMultipartUpload'])(
    'an answer to %s that is lost is no other content',
    async (what) => {
      world.put('a.csv', CSV);
      world.put('large.bin', LARGE);
      let lost = 0;
      world.server.fault = (call) => {
        if (call.what !== what || call.key.endsWith('run.json') || lost > 0) return null;
        lost += 1;
        return 'lose-answer';
      };
      await world.push();
      expect(lost).toBe(1);
      expect(world.isSent('a.csv', CSV)).toBe(true);
      expect(world.isSent('large.bin', LARGE)).toBe(true);
      expect(world.bodyOf('run.json')).toBeDefined();
    },
  );

  test('503s are tried again', async () => {
    world.put('a.csv', CSV);
    let slow = 2;
    world.server.fault = ({ what }) => {
      if (what !== 'PutObject' || slow === 0) return null;
      slow -= 1;
      return { status: 503, code: 'SlowDown' };
    };
    expect(outcomes(await world.push())).toEqual({ 'a.csv': 'sent', 'run.json': 'sent' });
  });
});

test.each([
  [0, 8],
  [80e9, 8],
  [84e9, 9],
  [5e12, 482],
])('a file of %d bytes goes in parts of %d MiB, ten thousand at most', (bytes, mebibytes) => {
  expect(partBytesOf(bytes)).toBe(mebibytes * 2 ** 20);
  expect(bytes / partBytesOf(bytes)).toBeLessThanOrEqual(10_000);
});

describe('a push that compresses', () => {
  test.each([
    ['zstd', '.zst', zstdDecompressSync],
    ['gzip', '.gz', gunzipSync],
  ] as const)(
    'by %s sends plain text smaller, and what is no text as it is',
    async (compress, suffix, plain) => {
      world.put('power/n0.csv', CSV);
      world.put('large.bin', LARGE);
      world.put('empty.txt', '');
      const result = await world.push({ compress });
      expect(Object.keys(outcomes(result))).toEqual([
        'empty.txt',
        'large.bin',
        `power/n0.csv${suffix}`,
        'run.json',
      ]);
      const body = world.bodyOf(`power/n0.csv${suffix}`) as Uint8Array;
      expect(plain(body).equals(CSV)).toBe(true);
      expect(body.length).toBeLessThan(CSV.length / 10);
      expect(JSON.parse(Buffer.from(world.bodyOf('run.json') ?? []).toString())).toEqual(RUN);
      const again = await world.push({ compress });
      expect(new Set(Object.values(outcomes(again)))).toEqual(new Set(['there']));
    },
  );

  test('refuses two files that would be one', async () => {
    world.put('a.csv', CSV);
    world.put('a.csv.zst', LARGE);
    await expect(world.push({ compress: 'zstd' })).rejects.toMatchObject({
      code: 'key-form',
      message: expect.stringMatching(/a\.csv and .*a\.csv\.zst would both be p\/r\/a\.csv\.zst/),
    });
  });
});
