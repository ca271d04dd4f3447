import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { scan } from '../../cli/watch/scan.ts';
import { Settling } from '../../cli/watch/settling.ts';
import { takeOver } from '../../cli/watch/take-over.ts';
import { DirectoryStore } from '../../functions/platform/directory-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'wattline-settling-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const of = (files: Record<string, string>) => new Map(Object.entries(files));

describe('a file counts as complete', () => {
  test('once two looks, far enough apart, saw the same', () => {
    const settling = new Settling(100);
    expect(settling.look(of({ a: '1' }), 0)).toEqual({ changed: [], gone: [], open: 1 });
    expect(settling.look(of({ a: '1' }), 99).changed).toEqual([]);
    expect(settling.look(of({ a: '1' }), 100)).toEqual({ changed: ['a'], gone: [], open: 0 });
  });

  test('not while it grows, however long that takes', () => {
    const settling = new Settling(100);
    for (let at = 0; at < 2_000; at += 90)
      expect(settling.look(of({ a: String(at) }), at).changed).toEqual([]);
  });

  test('again when it changes, and not when it was taken over as it is', () => {
    const settling = new Settling(100, of({ a: '1' }));
    expect(settling.look(of({ a: '1' }), 0)).toEqual({ changed: [], gone: [], open: 0 });
    settling.look(of({ a: '2' }), 10);
    expect(settling.look(of({ a: '2' }), 110).changed).toEqual(['a']);
    settling.accept('a', '2');
    expect(settling.look(of({ a: '2' }), 120)).toEqual({ changed: [], gone: [], open: 0 });
  });

  test('where it is deleted and written again within that time, it was never gone', () => {
    const settling = new Settling(100, of({ a: '1' }));
    expect(settling.look(of({}), 0)).toEqual({ changed: [], gone: [], open: 1 });
    settling.look(of({ a: '2' }), 50);
    const later = settling.look(of({ a: '2' }), 150);
    expect(later).toEqual({ changed: ['a'], gone: [], open: 0 });
  });

  test('and as gone once it stays away', () => {
    const settling = new Settling(100, of({ a: '1' }));
    settling.look(of({}), 0);
    expect(settling.look(of({}), 100)).toEqual({ changed: [], gone: ['a'], open: 0 });
    settling.drop('a');
    expect(settling.look(of({}), 200)).toEqual({ changed: [], gone: [], open: 0 });
  });

  test('a file that came and went before it was complete leaves nothing behind', () => {
    const settling = new Settling(100);
    settling.look(of({ a: '1' }), 0);
    expect(settling.look(of({}), 100)).toEqual({ changed: [], gone: [], open: 0 });
  });

  test('after any history that comes to rest, what was accepted is what is there', () => {
    const listing = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2', '3'));
    fc.assert(
      fc.property(fc.array(fc.tuple(listing, fc.nat(150))), (history) => {
        const settling = new Settling(100);
        let now = 0;
        let last: Record<string, string> = {};
        const look = () => {
          const files = of(last);
          const { changed, gone } = settling.look(files, now);
          for (const path of changed) settling.accept(path, files.get(path) as string);
          for (const path of gone) settling.drop(path);
        };
        for (const [files, ms] of history) {
          now += ms;
          last = files;
          look();
        }
        look();
        now += 100;
        look();
        expect(new Map([...settling.accepted].sort())).toEqual(new Map([...of(last)].sort()));
      }),
    );
  });
});

describe('a look at a folder', () => {
  test('finds files at any depth by path, but for hidden ones and those a tool has not finished', async () => {
    const at = join(folder, 'scan');
    mkdirSync(join(at, 'p/r/power'), { recursive: true });
    mkdirSync(join(at, '.git'), { recursive: true });
    for (const name of [
      'p/r/run.json',
      'p/r/power/a.csv',
      'p/r/.a.csv.Xy12',
      'p/r/b.csv.part',
      'p/r/c.tmp',
      '.git/x',
    ])
      writeFileSync(join(at, name), name);
    expect([...(await scan(at)).keys()]).toEqual(['p/r/power/a.csv', 'p/r/run.json']);
  });

  test('sees a file that was replaced by one of the same size and time', async () => {
    const at = join(folder, 'replaced');
    mkdirSync(at);
    writeFileSync(join(at, 'a'), 'one');
    const before = await scan(at);
    writeFileSync(join(at, 'b'), 'two');
    rmSync(join(at, 'a'));
    const { renameSync, utimesSync } = await import('node:fs');
    utimesSync(join(at, 'b'), 1, 1);
    renameSync(join(at, 'b'), join(at, 'a'));
    expect((await scan(at)).get('a')).not.toBe(before.get('a'));
  });

  test('fails where the folder itself is gone', async () => {
    await expect(scan(join(folder, 'nowhere'))).rejects.toThrow(/ENOENT/);
  });
});

describe('a file is taken over', () => {
  const store = new DirectoryStore('landing', join(folder, 'landing'));
  const path = join(folder, 'file.csv');

  test('with its bytes, once', async () => {
    writeFileSync(path, 'a,b\n1,2\n');
    expect(await takeOver(store, 'p/r/file.csv', path)).toMatchObject({ kind: 'uploaded', sizeBytes: 8 });
    const first = await store.head('p/r/file.csv');
    writeFileSync(path, 'a,b\n1,2\n');
    expect(await takeOver(store, 'p/r/file.csv', path)).toMatchObject({ kind: 'same' });
    expect(await store.head('p/r/file.csv')).toEqual(first);
  });

  test('not in a state that it never had: what changes while it is read is left', async () => {
    writeFileSync(path, 'x'.repeat(100));
    const before = await store.head('p/r/file.csv');
    const moving = {
      bucket: store.bucket,
      head: async (key: string) => {
        // Between the first look at the file and its reading.
        writeFileSync(path, 'x'.repeat(150));
        return store.head(key);
      },
      upload: store.upload.bind(store),
    } as unknown as DirectoryStore;
    expect(await takeOver(moving, 'p/r/file.csv', path)).toEqual({ kind: 'moving' });
    expect(await store.head('p/r/file.csv')).toEqual(before);
  });

  test('or says why it cannot be', async () => {
    chmodSync(path, 0o644);
    await expect(takeOver(store, 'p/r/x', join(folder, 'none.csv'))).rejects.toThrow(/ENOENT/);
  });
});
