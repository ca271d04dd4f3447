import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { settingsChecks } from '../../cli/doctor/aws-settings.ts';
import type { Check } from '../../cli/doctor/check.ts';
import { type Machine, machineChecks } from '../../cli/doctor/machine.ts';
import { storeChecks } from '../../cli/doctor/store.ts';
import { directoryStores, type Pipeline } from '../../cli/pipeline.ts';
import { manifestOf, quietPipeline } from '../ingested.ts';

const MAIN = join(import.meta.dirname, '../../cli/main.ts');
const folder = mkdtempSync(join(tmpdir(), 'wattline-doctor-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const statusOf = (checks: readonly Check[], about: string) => checks.find((c) => c.about === about)?.status;
/** What is not well says how to mend it, and nothing else does. */
const haveFixes = (checks: readonly Check[]): boolean =>
  checks.every(({ status, fix }) => (status === 'ok') === (fix === null));

const GOOD: Machine = {
  node: '24.1.0',
  cores: 8,
  memoryBytes: 16e9,
  freeBytes: 100e9,
  folder: '/work',
  isWritable: true,
  duckdb: null,
};

describe('the machine', () => {
  test.each<[string, Partial<Machine>, string, string]>([
    ['all well', {}, 'Node', 'ok'],
    ['an old Node', { node: '20.20.2' }, 'Node', 'fail'],
    ['one core', { cores: 1 }, 'cores', 'warn'],
    ['little memory', { memoryBytes: 1.5e9 }, 'memory', 'warn'],
    ['hardly any memory', { memoryBytes: 5e8 }, 'memory', 'fail'],
    ['a full drive', { freeBytes: 5e7 }, 'disk', 'fail'],
    ['a drive that is nearly full', { freeBytes: 1e9 }, 'disk', 'warn'],
    ['a folder without permission', { isWritable: false }, 'disk', 'fail'],
    ['no DuckDB', { duckdb: 'run npm install' }, 'DuckDB', 'warn'],
  ])('with %s', (_name, change, about, status) => {
    const checks = machineChecks({ ...GOOD, ...change });
    expect(statusOf(checks, about)).toBe(status);
    expect(checks.filter((c) => c.about !== about).every((c) => c.status === 'ok')).toBe(true);
    expect(haveFixes(checks)).toBe(true);
  });
});

describe('the settings of AWS', () => {
  const KEYS = 'aws_access_key_id = AKIA\naws_secret_access_key = x\n';
  test.each<[string, Record<string, string>, string | null, string | null, string, string]>([
    [
      'keys in the environment',
      { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_REGION: 'eu-west-1' },
      null,
      null,
      'ok',
      'ok',
    ],
    ['half of them', { AWS_ACCESS_KEY_ID: 'a' }, null, null, 'warn', 'warn'],
    ['a default profile', {}, `[default]\n${KEYS}`, '[default]\nregion = us-east-1\n', 'ok', 'ok'],
    [
      'another profile',
      { AWS_PROFILE: 'dev' },
      `[dev]\n${KEYS}`,
      '[profile dev]\nregion=eu-central-1',
      'ok',
      'ok',
    ],
    ['a profile that is not there', { AWS_PROFILE: 'dev' }, `[default]\n${KEYS}`, null, 'warn', 'warn'],
    ['single sign-on', {}, null, '[default]\nsso_session = us\nregion = us-east-2\n', 'ok', 'ok'],
    [
      'a web identity',
      { AWS_WEB_IDENTITY_TOKEN_FILE: '/t', AWS_DEFAULT_REGION: 'us-gov-west-1' },
      null,
      null,
      'ok',
      'ok',
    ],
    ['a region that is none', { AWS_REGION: 'Ireland' }, null, null, 'warn', 'warn'],
    ['nothing', {}, null, null, 'warn', 'warn'],
  ])('with %s', (_name, env, credentials, config, signIn, region) => {
    const checks = settingsChecks({ env, credentials, config });
    expect(statusOf(checks, 'AWS credentials')).toBe(signIn);
    expect(statusOf(checks, 'AWS region')).toBe(region);
    expect(haveFixes(checks)).toBe(true);
  });
});

describe('a store', () => {
  test('that is none fails', async () => {
    expect((await storeChecks(folder))[0]).toMatchObject({ about: 'store', status: 'fail' });
  });

  test('says what was not evaluated or read, and what a process left that was cut off', async () => {
    const store = join(folder, 'store');
    const pipeline: Pipeline = quietPipeline(directoryStores(store));
    const put = (key: string, text: string | Uint8Array) =>
      pipeline.stores.landing.put(`files/${key}`, Buffer.from(text));
    await put('r/run.json', manifestOf('r', { boundary: 'chip' }));
    await put('r/a.csv', 'time_unix_ms,scope,kind,power_w\n1767225600000,c,chip,100\n');
    await pipeline.drain();
    let checks = await storeChecks(store);
    expect(statusOf(checks, 'runs')).toBe('warn');
    expect(checks.find((c) => c.about === 'runs')?.found).toBe('0 of 1 evaluated');
    expect(statusOf(checks, 'quarantine')).toBe('ok');
    expect(statusOf(checks, 'leftovers')).toBe('ok');

    await put('r/b.bin', 'what is this\n');
    await put('headless/a.csv', 'x\n');
    await pipeline.drain();
    const side = join(store, 'landing/.versions/abc');
    mkdirSync(side);
    writeFileSync(join(side, 'lock'), '');
    checks = await storeChecks(store);
    expect(checks.find((c) => c.about === 'runs')?.found).toMatch(/1 without run\.json, files\/headless/);
    expect(statusOf(checks, 'quarantine')).toBe('warn');
    expect(checks.find((c) => c.about === 'leftovers')?.found).toContain(join(side, 'lock'));
    expect(haveFixes(checks)).toBe(true);
  });
});

/** A bucket as S3 answers of it. */
interface Bucket {
  readonly list?: string;
  readonly head?: number;
  readonly versioning?: string;
  readonly notification?: string;
}
const xml = (text: string): string => `<?xml version="1.0" encoding="UTF-8"?>${text}`;
const denied = xml('<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>');

function answer({ list, head, versioning, notification }: Bucket) {
  return ({ method, url = '' }: IncomingMessage, response: ServerResponse): void => {
    const send = (body: string | undefined) => {
      response.writeHead(body === undefined ? 403 : 200).end(body === undefined ? denied : xml(body));
    };
    if (method === 'HEAD') response.writeHead(head ?? 200).end();
    else if (url.includes('versioning')) send(versioning);
    else if (url.includes('notification')) send(notification);
    else if (list?.startsWith('<Error>')) response.writeHead(403).end(xml(list));
    else send(list);
  };
}

let server: Server | undefined;
afterEach(() => void server?.close());

async function doctor(bucket: Bucket): Promise<{ code: number; checks: readonly Check[]; stderr: string }> {
  server = createServer(answer(bucket)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server?.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const args = ['doctor', '--json', '--landing', 'b', '--region', 'us-east-1', '--endpoint-url', url];
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (part) => (stdout += part));
  child.stderr.on('data', (part) => (stderr += part));
  const code = await new Promise<number>((resolve) => child.on('close', resolve));
  return { code, checks: JSON.parse(stdout).checks, stderr };
}

const VERSIONED = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>';
const TOLD =
  '<NotificationConfiguration><EventBridgeConfiguration></EventBridgeConfiguration></NotificationConfiguration>';
const LIST = '<ListAllMyBucketsResult><Buckets></Buckets></ListAllMyBucketsResult>';

describe('a deployment', () => {
  test('that is as it should be', async () => {
    const { code, checks } = await doctor({ list: LIST, versioning: VERSIONED, notification: TOLD });
    expect(
      checks.filter((c) => ['AWS sign-in', 'bucket b', 'versioning', 'EventBridge'].includes(c.about)),
    ).toMatchObject([{ status: 'ok' }, { status: 'ok' }, { status: 'ok' }, { status: 'ok' }]);
    expect(code).toBe(0);
  });

  test('fails where uploads are not told of or versioning is off', async () => {
    const { code, checks, stderr } = await doctor({
      list: LIST,
      versioning: '<VersioningConfiguration></VersioningConfiguration>',
      notification: '<NotificationConfiguration></NotificationConfiguration>',
    });
    expect([statusOf(checks, 'versioning'), statusOf(checks, 'EventBridge')]).toEqual(['fail', 'fail']);
    expect(stderr).toMatch(/2 of \d+ checks failed: versioning, EventBridge/);
    expect(code).toBe(1);
  });

  test('warns of what may not be looked at, and takes a denied listing for a sign-in', async () => {
    const { code, checks } = await doctor({});
    expect(statusOf(checks, 'AWS sign-in')).toBe('ok');
    expect([statusOf(checks, 'versioning'), statusOf(checks, 'EventBridge')]).toEqual(['warn', 'warn']);
    expect(checks.find((c) => c.about === 'EventBridge')?.fix).toContain('s3:GetBucketNotification');
    expect(code).toBe(0);
  });

  test.each<[string, Bucket, string, RegExp]>([
    ['a bucket that is not there', { list: LIST, head: 404 }, 'bucket b', /LandingBucketName/],
    ['no access', { list: LIST, head: 403 }, 'bucket b', /s3:ListBucket/],
    [
      'keys that AWS does not know',
      { list: '<Error><Code>InvalidAccessKeyId</Code><Message>no such key</Message></Error>' },
      'AWS sign-in',
      /sign in again/,
    ],
  ])('fails on %s', async (_name, bucket, about, fix) => {
    const { code, checks } = await doctor(bucket);
    expect(checks.find((c) => c.about === about)).toMatchObject({ status: 'fail' });
    expect(checks.find((c) => c.about === about)?.fix).toMatch(fix);
    expect(code).toBe(1);
  });
});
