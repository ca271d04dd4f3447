import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { DirectoryStore } from '../../functions/platform/directory-store.ts';
import { MemoryStore } from '../../functions/platform/memory-store.ts';
import { PreconditionFailedError } from '../../functions/platform/object-store.ts';
import { S3Store } from '../../functions/platform/s3-store.ts';
import { describeObjectStore } from '../conformance/object-store-suite.ts';

const root = mkdtempSync(join(tmpdir(), 'wattline-store-'));
let folders = 0;
const folder = (): string => {
  folders += 1;
  return join(root, String(folders));
};
afterAll(() => rmSync(root, { recursive: true, force: true }));

describeObjectStore('memory', async () => new MemoryStore('bucket'));
describeObjectStore('directory', async () => new DirectoryStore('bucket', folder()));

describe('the directory', () => {
  test.each(['../out', 'a/../../b', '/etc/passwd', 'a//b', 'a\u0000b', '.versions/x', ''])(
    'refuses the key %j',
    async (key) => {
      await expect(new DirectoryStore('bucket', folder()).put(key, new Uint8Array(1))).rejects.toThrow(
        /object key .* expected plain path parts/,
      );
    },
  );
});

describe('S3, where no server answers so', () => {
  const answering = (statuses: (number | 'ok')[]) => {
    let calls = 0;
    const client = {
      send: async () => {
        const status = statuses[calls];
        calls += 1;
        if (status === 'ok') return { VersionId: 'v', ETag: 'e' };
        throw Object.assign(new Error('no'), { name: 'Fault', $metadata: { httpStatusCode: status } });
      },
    };
    return {
      store: new S3Store('bucket', client as never, { wait: async () => {}, random: () => 1 }),
      calls: () => calls,
    };
  };

  test('a conflict is tried again, until it lasts', async () => {
    const once = answering([409, 409, 'ok']);
    expect(await once.store.put('k', new Uint8Array(1))).toMatchObject({ version: 'v' });
    expect(once.calls()).toBe(3);
    await expect(answering(new Array(9).fill(409)).store.put('k', new Uint8Array(1))).rejects.toMatchObject({
      code: 's3',
      retryable: true,
    });
  });

  test('403 is not "missing": it is for an operator', async () => {
    const { store } = answering([403, 403]);
    await expect(store.head('k')).rejects.toMatchObject({ retryable: true });
    await expect(store.get('k')).rejects.toMatchObject({ retryable: true });
  });

  test('412 is a failed precondition; 503 is worth another try', async () => {
    await expect(
      answering([412]).store.put('k', new Uint8Array(1), { ifNoneMatch: '*' }),
    ).rejects.toBeInstanceOf(PreconditionFailedError);
    await expect(answering([503]).store.put('k', new Uint8Array(1))).rejects.toMatchObject({
      retryable: true,
    });
  });
});
