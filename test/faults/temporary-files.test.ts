import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { directoryStores } from '../../cli/pipeline.ts';
import { filesBelow } from '../../cli/run-files.ts';
import { contentsOf, KEY, latestJoules, lostUploads, powerCsv, withRun } from './uploads.ts';

/** Bytes that the disk still takes. */
const disk = vi.hoisted(() => ({ freeBytes: Number.POSITIVE_INFINITY }));

vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  const open: typeof real.open = async (...parts) => {
    const file = await real.open(...parts);
    const writeFile = file.writeFile.bind(file);
    file.writeFile = async (data, options) => {
      disk.freeBytes -= (data as Uint8Array).length;
      if (disk.freeBytes < 0)
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      return writeFile(data, options);
    };
    return file;
  };
  return { ...real, open };
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wattline-faults-'));
  disk.freeBytes = Number.POSITIVE_INFINITY;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const parts = (): string[] => filesBelow(folder).filter((path) => path.endsWith('.part'));

test('fault 38: a disk that is full fails the record, leaves no part behind, and the next try reads it', async () => {
  const quietFolder = join(folder, 'quiet');
  const quiet = await withRun(directoryStores(quietFolder));
  await quiet.stores.landing.put(KEY, Buffer.from(powerCsv()));
  await quiet.drain();
  for (const freeBytes of [0, 10, 3_000, 20_000]) {
    disk.freeBytes = Number.POSITIVE_INFINITY;
    const pipeline = await withRun(directoryStores(join(folder, `full-${freeBytes}`)));
    await pipeline.stores.landing.put(KEY, Buffer.from(powerCsv()));
    disk.freeBytes = freeBytes;
    await pipeline.drain();
    disk.freeBytes = Number.POSITIVE_INFINITY;
    expect(parts()).toEqual([]);
    expect(await lostUploads(pipeline)).toEqual([]);
    expect([...(await contentsOf(pipeline.stores.lake, 'quarantine/'))]).toEqual([]);
    pipeline.pending = pipeline.deadLetters.splice(0);
    await pipeline.drain();
    await pipeline.night('2026-01-02T02:00:00Z');
    expect(await latestJoules(pipeline.stores)).toBe(1000 * 60);
    for (const prefix of ['receipts/', 'segments/', 'evaluations/'])
      expect(await contentsOf(pipeline.stores.lake, prefix)).toEqual(
        await contentsOf(quiet.stores.lake, prefix),
      );
  }
});

test('fault 38: what an earlier call left behind is in nobody’s way', async () => {
  const pipeline = await withRun(directoryStores(folder));
  await pipeline.stores.landing.put(KEY, Buffer.from(powerCsv()));
  for (const side of readdirSync(join(folder, 'lake/.versions')))
    writeFileSync(join(folder, 'lake/.versions', side, 'left.part'), 'half of something');
  await pipeline.drain();
  expect(await latestJoules(pipeline.stores)).toBe(1000 * 60);
});
