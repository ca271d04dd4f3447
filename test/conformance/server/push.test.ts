import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { crc64, crc64Text } from '../../../cli/push/crc64.ts';
import example from '../../../data/examples/run.json' with { type: 'json' };

const MAIN = resolve(import.meta.dirname, '../../../cli/main.ts');
const UPSTREAM = new URL(process.env.AWS_ENDPOINT_URL as string);
const BUCKET = `push-${process.pid}`;
const PART = 8 * 2 ** 20;
const PARTS = 5;
/** Five parts and a bit, of which no two are alike. */
const LARGE = Buffer.alloc(PARTS * PART + 4_321);
for (let at = 0; at + 4 <= LARGE.length; at += 64) LARGE.writeUInt32LE(at, at);

const client = new S3Client({ forcePathStyle: true });
const folder = mkdtempSync(join(tmpdir(), 'wattline-push-'));

/** A call as it passes, and what to do before it is handed on. */
type OnCall = (name: string, incoming: IncomingMessage) => Promise<void> | void;

/** Between the command and the server: hears every call, in order, and may hold one. */
class Wire {
  readonly calls: string[] = [];
  onCall: OnCall = () => {};
  private readonly server: Server = createServer((incoming, response) => {
    this.pass(incoming, response).catch(() => response.destroy());
  });

  async listen(): Promise<this> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
    return this;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private async pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url as string, 'http://localhost');
    const part = url.searchParams.get('partNumber');
    const name = `${incoming.method} ${url.pathname.split('/').slice(4).join('/')}${part ? ` ${part}` : ''}`;
    this.calls.push(name);
    await this.onCall(name, incoming);
    const onward = request(
      {
        host: UPSTREAM.hostname,
        port: UPSTREAM.port,
        method: incoming.method,
        path: incoming.url,
        headers: incoming.headers,
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    incoming.on('aborted', () => onward.destroy());
    incoming.pipe(onward);
  }
}

let wire: Wire;

beforeAll(async () => {
  wire = await new Wire().listen();
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  await client.send(
    new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration: { Status: 'Enabled' } }),
  );
});
afterAll(async () => {
  await wire.close();
  client.destroy();
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** The command as it is typed, against the wire. */
function push(run: string, ...options: string[]): { kill: () => void; ended: Promise<Ended> } {
  const child = spawn(
    process.execPath,
    [MAIN, 'push', run, '--landing', BUCKET, '--json', '--endpoint-url', wire.endpoint, ...options],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const said = { out: '', err: '' };
  child.stdout.on('data', (bytes) => (said.out += bytes));
  child.stderr.on('data', (bytes) => (said.err += bytes));
  const ended = new Promise<Ended>((done) =>
    child.on('close', (code, signal) => done({ code, signal, ...said })),
  );
  return { kill: () => child.kill('SIGKILL'), ended };
}

function runFolder(run: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  const at = join(folder, run);
  mkdirSync(join(at, 'power'), { recursive: true });
  writeFileSync(join(at, 'run.json'), JSON.stringify({ ...example, program: 'p', run }));
  for (const [path, content] of Object.entries(files)) writeFileSync(join(at, path), content);
  return at;
}

async function stored(key: string): Promise<Buffer> {
  const answer = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
  return Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
}
const serverChecksum = async (key: string): Promise<string | undefined> =>
  (await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: key, ChecksumMode: 'ENABLED' })))
    .ChecksumCRC64NVME;
async function keys(prefix: string): Promise<string[]> {
  const page = await client.send(new ListObjectVersionsCommand({ Bucket: BUCKET, Prefix: prefix }));
  return (page.Versions ?? []).map(({ Key = '' }) => Key);
}

describe('push, to a server that is not ours', () => {
  test('killed in the middle of a file, goes on with what is missing, and sends run.json last', async () => {
    const files = { 'power/large.bin': LARGE, 'power/n0.csv': 'timestamp,power\n' };
    const run = runFolder('killed', files);
    const first = push(run, '--concurrency', '1');
    // Two parts are through; the third is held on the wire until the command is dead.
    wire.onCall = async (name) => {
      if (name !== 'PUT power/large.bin 3') return;
      first.kill();
      await first.ended;
      throw new Error('cut off');
    };
    expect((await first.ended).signal).toBe('SIGKILL');
    expect(await keys('p/killed/')).toEqual([]);

    wire.onCall = () => {};
    wire.calls.length = 0;
    const second = await push(run).ended;
    expect(second).toMatchObject({ code: 0, err: '' });
    expect(wire.calls.filter((call) => call.startsWith('PUT power/large.bin')).sort()).toEqual(
      [3, 4, 5, 6].map((n) => `PUT power/large.bin ${n}`),
    );
    expect(wire.calls.at(-1)).toBe('PUT run.json');
    const [pushed] = JSON.parse(second.out).runs;
    expect(pushed.files).toMatchObject([
      {
        key: 'p/killed/power/large.bin',
        parts: PARTS + 1,
        partsThere: 2,
        crc64nvme: crc64Text(crc64(LARGE)),
      },
      { key: 'p/killed/power/n0.csv', partsThere: 0 },
      { key: 'p/killed/run.json' },
    ]);
    expect((await stored('p/killed/power/large.bin')).equals(LARGE)).toBe(true);
    // The server's own, by another implementation than ours.
    expect(await serverChecksum('p/killed/power/large.bin')).toBe(crc64Text(crc64(LARGE)));

    wire.calls.length = 0;
    const third = await push(run).ended;
    expect(JSON.parse(third.out).runs[0].sentBytes).toBe(0);
    expect(wire.calls.filter((call) => call.startsWith('PUT'))).toEqual([]);
  });

  test('refuses to write over other content, and replaces it when told to', async () => {
    const run = runFolder('changed', { 'a.csv': 'one' });
    expect((await push(run).ended).code).toBe(0);
    writeFileSync(join(run, 'a.csv'), 'two');
    const refused = await push(run).ended;
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toMatch(
      /^wattline: s3:\/\/push-\d+\/p\/changed\/a\.csv is there, with other content/,
    );
    expect((await stored('p/changed/a.csv')).toString()).toBe('one');
    const told = await push(run, '--overwrite').ended;
    expect(JSON.parse(told.out).runs[0].files[0].outcome).toBe('replaced');
    expect((await stored('p/changed/a.csv')).toString()).toBe('two');
    expect(await keys('p/changed/a.csv')).toHaveLength(2);
  });

  test('a file that changes while it is sent is no object, nor is run.json', async () => {
    const run = runFolder('growing', { 'power/large.bin': LARGE, 'a.csv': 'one' });
    wire.onCall = (name) => {
      if (name === 'PUT power/large.bin 2') writeFileSync(join(run, 'power/large.bin'), LARGE.subarray(1));
    };
    const refused = await push(run, '--concurrency', '2').ended;
    wire.onCall = () => {};
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/nor was run\.json: .*large\.bin changed while it was read/);
    expect(await keys('p/growing/')).toEqual(['p/growing/a.csv']);
  });

  test('compressed, is the same file under a longer name', async () => {
    const csv = `timestamp,power\n${'2026-01-31T00:00:00Z,612\n'.repeat(1_000)}`;
    const run = runFolder('small', { 'power/n0.csv': csv });
    expect((await push(run, '--compress', 'zstd').ended).code).toBe(0);
    expect(await keys('p/small/')).toEqual(['p/small/power/n0.csv.zst', 'p/small/run.json']);
    expect(zstdDecompressSync(await stored('p/small/power/n0.csv.zst')).toString()).toBe(csv);
    const again = JSON.parse((await push(run, '--compress', 'zstd').ended).out);
    expect(again.runs[0].sentBytes).toBe(0);
  });

  test('says what is wrong with where it is sent', async () => {
    const run = runFolder('nowhere', { 'a.csv': 'one' });
    const { code, err } = await push(run, '--landing', `${BUCKET}-none`).ended;
    expect(code).toBe(1);
    expect(err).toBe(
      `wattline: there is no bucket ${BUCKET}-none; expected the LandingBucketName of the stack (cdk deploy prints it).\n`,
    );
  });
});
