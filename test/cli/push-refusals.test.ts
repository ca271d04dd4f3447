import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { checkDistinct, readLocalRun } from '../../cli/push/local-run.ts';
import { CSV, LARGE, outcomes, PushWorld } from './push-world.ts';

const world = new PushWorld();

describe('what others have put there', () => {
  test('is refused before anything is sent, and named', async () => {
    world.put('a.csv', CSV);
    world.put('b.csv', CSV);
    world.server.put('p/r/b.csv', Buffer.from('theirs'));
    await expect(world.push()).rejects.toMatchObject({
      code: 'occupied',
      message: expect.stringMatching(
        /^s3:\/\/landing\/p\/r\/b\.csv is there, with other content.*--overwrite/,
      ),
    });
    expect(world.server.said('PutObject')).toEqual([]);
  });

  test('of the same size is told by its checksum, whichever S3 has of the whole', async () => {
    const same = Buffer.from('abcd');
    world.put('a.csv', same);
    const sha256 = createHash('sha256').update(same).digest('base64');
    world.server.put('p/r/a.csv', same, { sha256 });
    expect(outcomes(await world.push())).toEqual({ 'a.csv': 'there', 'run.json': 'sent' });
    world.server.put('p/r/a.csv', same, { crc32: '7YLNEQ==' });
    expect(outcomes(await world.push())).toEqual({ 'a.csv': 'there', 'run.json': 'there' });
    world.server.put('p/r/a.csv', Buffer.from('abce'));
    await expect(world.push()).rejects.toMatchObject({ code: 'occupied' });
    // Of its parts alone: nothing to compare with.
    world.server.put('p/r/a.csv', same, { sha256: `${sha256}-1`, type: 'COMPOSITE' });
    await expect(world.push()).rejects.toThrow(/cannot be compared/);
  });

  test('is replaced with --overwrite, as it was looked at and not otherwise', async () => {
    world.put('a.csv', CSV);
    world.server.put('p/r/a.csv', Buffer.from('theirs'));
    expect(outcomes(await world.push({ isOverwrite: true }))).toEqual({
      'a.csv': 'replaced',
      'run.json': 'sent',
    });
    expect(world.isSent('a.csv', CSV)).toBe(true);
    world.put('a.csv', 'third');
    const raced = world.push({
      isOverwrite: true,
      meanwhile: () => void world.server.put('p/r/a.csv', Buffer.from('faster')),
    });
    await expect(raced).rejects.toMatchObject({ code: 'occupied' });
    expect(Buffer.from(world.bodyOf('a.csv') ?? []).toString()).toBe('faster');
  });

  test('that came while it was sent is not written over, and is well where it is the same', async () => {
    world.put('a.csv', CSV);
    const other = world.push({ meanwhile: () => void world.server.put('p/r/a.csv', Buffer.from('theirs')) });
    await expect(other).rejects.toMatchObject({ code: 'occupied' });
    expect(world.bodyOf('run.json')).toBeUndefined();
    world.server.objects.clear();
    const same = await world.push({ meanwhile: () => void world.server.put('p/r/a.csv', CSV) });
    expect(outcomes(same)).toEqual({ 'a.csv': 'there', 'run.json': 'sent' });
  });
});

describe('credentials that may write and nothing else', () => {
  beforeEach(() => {
    world.server.fault = ({ what }) =>
      /^(List|Head)/.test(what) ? { status: 403, code: 'AccessDenied' } : null;
  });

  test('send where nothing is', async () => {
    world.put('a.csv', CSV);
    world.put('large.bin', LARGE);
    expect(outcomes(await world.push())).toEqual({
      'a.csv': 'sent',
      'large.bin': 'sent',
      'run.json': 'sent',
    });
    for (const { headers } of world.server.calls.filter((c) => /^(Put|Complete)/.test(c.what)))
      expect(headers['if-none-match']).toBe('*');
  });

  test('cannot tell what is there, and say so', async () => {
    world.put('a.csv', CSV);
    world.server.put('p/r/a.csv', CSV);
    await expect(world.push()).rejects.toThrow(/cannot be compared.*s3:GetObject.*--overwrite/);
    expect(outcomes(await world.push({ isOverwrite: true }))).toEqual({
      'a.csv': 'sent',
      'run.json': 'sent',
    });
  });
});

describe('a folder that somebody still writes', () => {
  const changes: readonly (readonly [string, (path: string) => void])[] = [
    ['grew', (path) => appendFileSync(path, 'more')],
    ['was written anew', (path) => writeFileSync(path, LARGE)],
    ['became another file', (path) => renameSync(world.put('other', LARGE), path)],
    ['is gone', (path) => rmSync(path)],
  ];
  test.each(changes)('a file that %s is not sent, nor is run.json; the others are', async (_what, change) => {
    const path = world.put('large.bin', LARGE);
    world.put('a.csv', CSV);
    utimesSync(path, 1, 1);
    const pushing = world.push({ meanwhile: () => change(path) });
    await expect(pushing).rejects.toMatchObject({
      code: 'push-incomplete',
      message: expect.stringMatching(
        /1 of 2 files were not sent, nor was run\.json: .*large\.bin(:| changed)/,
      ),
    });
    expect(world.bodyOf('large.bin')).toBeUndefined();
    expect(world.bodyOf('run.json')).toBeUndefined();
    expect(world.isSent('a.csv', CSV)).toBe(true);
  });

  test('a file that changes between two of its parts is never made an object', async () => {
    const path = world.put('large.bin', LARGE);
    world.server.fault = ({ what, part }) => {
      if (what === 'UploadPart' && part === 1) writeFileSync(path, Buffer.alloc(LARGE.length, 'x'));
      return null;
    };
    await expect(world.push({ atOnce: 1 })).rejects.toMatchObject({ code: 'push-incomplete' });
    expect(world.server.said('CompleteMultipartUpload')).toEqual([]);
  });

  test('a file that comes meanwhile keeps run.json back', async () => {
    world.put('a.csv', CSV);
    await expect(world.push({ meanwhile: () => void world.put('b.csv', CSV) })).rejects.toMatchObject({
      code: 'run-changed',
      message: expect.stringMatching(/b\.csv is new.*run\.json was not sent/),
    });
    expect(world.bodyOf('run.json')).toBeUndefined();
    expect(outcomes(await world.push())).toEqual({ 'a.csv': 'there', 'b.csv': 'sent', 'run.json': 'sent' });
  });
});

describe('a folder is checked before anything is asked of S3', () => {
  test.each([
    ['run.json that is none', 'run.json', '{', /run\.json: not JSON/],
    ['run.json of another shape', 'run.json', '{"schema":"wattline/run@1"}', /run\.json: program: /],
    ['names that no key may have', 'power/a\nb.csv', 'x', /object key "p\/r\/power\/a\\nb\.csv": expected/],
    [
      'keys that are too long',
      Array.from({ length: 5 }, () => 'x'.repeat(210)).join('/'),
      'x',
      /object key of 10\d\d bytes.*expected at most 1024/,
    ],
  ])('%s', async (_what, path, content, message) => {
    world.put(path, content);
    await expect(world.push()).rejects.toThrow(message);
    expect(world.server.calls).toEqual([]);
  });

  test('no world.folder, no run.json, names of other forms, and one run twice', async () => {
    await expect(readLocalRun(join(world.folder, 'none'))).rejects.toThrow(/none: no such folder/);
    const empty = join(world.folder, 'empty');
    mkdirSync(empty);
    await expect(readLocalRun(empty)).rejects.toThrow(/no run\.json to read in it \(ENOENT\)/);
    await expect(readLocalRun(world.folder, { program: '../x' })).rejects.toMatchObject({ code: 'usage' });
    const run = await readLocalRun(world.folder);
    expect(() => checkDistinct([run, run])).toThrow(/are both p\/r\/run\.json/);
  });
});

describe('what S3 refuses is said in words', () => {
  test.each([
    [404, 'NoSuchBucket', '', 'no-bucket', /no bucket landing; expected the LandingBucketName/],
    [403, 'AccessDenied', '', 'denied', /may not s3:PutObject on s3:\/\/landing\/p\/r\/a\.csv/],
    [400, 'ExpiredToken', '', 'no-credentials', /credentials have expired/],
    [403, 'InvalidAccessKeyId', '', 'no-credentials', /does not know these credentials/],
    [403, 'SignatureDoesNotMatch', '', 'no-credentials', /secret of the AWS credentials is wrong/],
    [
      403,
      'RequestTimeTooSkewed',
      '<ServerTime>2020-01-01T00:00:00Z</ServerTime>',
      'clock',
      /clock of this machine is \d+ minutes ahead of S3's/,
    ],
    [400, 'BadDigest', '', 'damaged', /what arrived is not what was sent/],
    [500, 'InternalError', '', 's3', /PutObject failed \(InternalError 500/],
  ])('%i %s', async (status, code, more, ours, message) => {
    world.put('a.csv', CSV);
    world.server.fault = ({ what }) => (what === 'PutObject' ? { status, code, more } : null);
    await expect(world.push()).rejects.toMatchObject({ code: ours, message: expect.stringMatching(message) });
    expect(world.bodyOf('run.json')).toBeUndefined();
  });
});
