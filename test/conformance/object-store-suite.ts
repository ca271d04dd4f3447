import { describe, expect, test } from 'vitest';
import { collect } from '../../functions/platform/bytes.ts';
import {
  ObjectMissingError,
  type ObjectStore,
  PreconditionFailedError,
} from '../../functions/platform/object-store.ts';

const MEBIBYTE = 2 ** 20;
const bytes = (text: string): Uint8Array => Buffer.from(text);

/** What every object store must do; run against each adapter. */
export function describeObjectStore(name: string, makeStore: () => Promise<ObjectStore>): void {
  const read = async (store: ObjectStore, key: string, options = {}): Promise<string> =>
    Buffer.from(await collect((await store.get(key, options)).body)).toString('utf8');
  const keys = async (store: ObjectStore, prefix: string): Promise<string[]> => {
    const found: string[] = [];
    for await (const { key } of store.list(prefix)) found.push(key);
    return found;
  };

  describe(`${name}: an object store`, () => {
    test('gives back what was put, with its size', async () => {
      const store = await makeStore();
      const put = await store.put('a/b.txt', bytes('hello'));
      const object = await store.get('a/b.txt');
      expect(object).toMatchObject({ key: 'a/b.txt', sizeBytes: 5, version: put.version, etag: put.etag });
      expect(Buffer.from(await collect(object.body)).toString()).toBe('hello');
      expect(await store.head('a/b.txt')).toMatchObject({
        sizeBytes: 5,
        version: put.version,
        etag: put.etag,
      });
    });

    test.each([
      ['in one piece', [5]],
      ['in small pieces', [3, 0, 4]],
      ['that is larger than a part', [6 * MEBIBYTE, 6 * MEBIBYTE, 10]],
    ])('uploads an object %s', async (_name, sizes) => {
      const store = await makeStore();
      const pieces = sizes.map((size, i) => new Uint8Array(size).fill(65 + i));
      const upload = store.upload('up/loaded.bin');
      for (const piece of pieces) await upload.write(piece);
      expect(await store.head('up/loaded.bin')).toBeNull();
      const info = await upload.finish();
      const object = await store.get('up/loaded.bin');
      expect(object).toMatchObject({ sizeBytes: info.sizeBytes, version: info.version });
      expect(Buffer.concat(pieces).equals(await collect(object.body))).toBe(true);
    });

    test('an upload that is given up leaves nothing', async () => {
      const store = await makeStore();
      const upload = store.upload('up/abandoned.bin');
      await upload.write(new Uint8Array(9 * MEBIBYTE));
      await upload.abort();
      expect(await store.head('up/abandoned.bin')).toBeNull();
      expect(await keys(store, 'up/')).toEqual([]);
    });

    test('keeps empty objects', async () => {
      const store = await makeStore();
      await store.put('empty', new Uint8Array(0));
      expect(await read(store, 'empty')).toBe('');
      expect(await store.head('empty')).toMatchObject({ sizeBytes: 0 });
    });

    test('says that an object or version is missing', async () => {
      const store = await makeStore();
      await expect(store.get('nothing')).rejects.toBeInstanceOf(ObjectMissingError);
      expect(await store.head('nothing')).toBeNull();
    });

    test('keeps old versions readable after they were replaced', async () => {
      const store = await makeStore();
      const first = await store.put('k', bytes('one'));
      const second = await store.put('k', bytes('two'));
      expect(first.version).not.toBe(second.version);
      expect(await read(store, 'k')).toBe('two');
      expect(await read(store, 'k', { version: first.version })).toBe('one');
      expect(await store.head('k', { version: first.version })).toMatchObject({ version: first.version });
    });

    test('gives the bytes of a range, ends included', async () => {
      const store = await makeStore();
      await store.put('k', bytes('0123456789'));
      expect(await read(store, 'k', { range: { first: 2, last: 4 } })).toBe('234');
    });

    test('writes with If-None-Match only where nothing is', async () => {
      const store = await makeStore();
      await store.put('k', bytes('one'), { ifNoneMatch: '*' });
      await expect(store.put('k', bytes('two'), { ifNoneMatch: '*' })).rejects.toBeInstanceOf(
        PreconditionFailedError,
      );
      expect(await read(store, 'k')).toBe('one');
    });

    test('writes with If-Match only over what was seen', async () => {
      const store = await makeStore();
      const first = await store.put('k', bytes('one'));
      await store.put('k', bytes('two'), { ifMatch: first.etag });
      await expect(store.put('k', bytes('three'), { ifMatch: first.etag })).rejects.toBeInstanceOf(
        PreconditionFailedError,
      );
      await expect(store.put('new', bytes('x'), { ifMatch: first.etag })).rejects.toBeInstanceOf(
        PreconditionFailedError,
      );
      expect(await read(store, 'k')).toBe('two');
    });

    test('lets one of many writers at the same time win', async () => {
      const store = await makeStore();
      const writes = Array.from({ length: 8 }, (_, i) =>
        store.put('k', bytes(String(i)), { ifNoneMatch: '*' }),
      );
      const outcomes = await Promise.allSettled(writes);
      const won = outcomes.findIndex((o) => o.status === 'fulfilled');
      expect(outcomes.filter((o) => o.status === 'fulfilled').length).toBe(1);
      expect(await read(store, 'k')).toBe(String(won));
    });

    test('lists what is current below a prefix, in byte order', async () => {
      const store = await makeStore();
      for (const key of ['p/b', 'p/a/x', 'q', 'p/Z', 'p/é', 'p/10', 'p/9']) await store.put(key, bytes(key));
      expect(await keys(store, 'p/')).toEqual(['p/10', 'p/9', 'p/Z', 'p/a/x', 'p/b', 'p/é']);
      expect(await keys(store, 'p/a')).toEqual(['p/a/x']);
      expect(await keys(store, 'p')).toHaveLength(6);
      for (const prefix of ['none/', 'p/b/', 'p/../q', 'p//']) expect(await keys(store, prefix)).toEqual([]);
    });

    test('takes keys with spaces, plus signs, percent signs and other letters', async () => {
      const store = await makeStore();
      for (const key of ['a b+c.csv', '100%.csv', 'run=1/x', "it's.csv", 'ключ/ü.csv', 'dots..name']) {
        await store.put(key, bytes(key));
        expect(await read(store, key)).toBe(key);
        expect(await keys(store, key)).toEqual([key]);
      }
    });

    test('deletes the current object', async () => {
      const store = await makeStore();
      await store.put('k', bytes('one'));
      await store.delete('k');
      expect(await store.head('k')).toBeNull();
      expect(await keys(store, '')).not.toContain('k');
      await store.put('k', bytes('again'), { ifNoneMatch: '*' });
      expect(await read(store, 'k')).toBe('again');
    });
  });
}
