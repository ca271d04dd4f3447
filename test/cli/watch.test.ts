import { type ChildProcess, spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { pilotFiles } from '../../cli/simulate/pilot-files.ts';
import { PilotSpecSchema } from '../../cli/simulate/spec.ts';

const MAIN = join(import.meta.dirname, '../../cli/main.ts');
const folder = mkdtempSync(join(tmpdir(), 'wattline-watch-'));
const program = join(folder, 'pilot/p');
const SPEC = PilotSpecSchema.parse({
  seed: 3,
  program: 'p',
  nights: 1,
  candidate: { chips: 2 },
  baseline: { chips: 2 },
  chipsPerNode: 2,
  workloads: [{ name: 'small', secondsPerRun: 60 }],
});
const files = new Map([...pilotFiles(SPEC)].map(({ key, body }) => [key, body]));
const keys = [...files.keys()];
const candidate = keys.filter((key) => key.includes('candidate'));
const power = candidate.find((key) => key.includes('power/')) as string;
const run = candidate[0]?.split('/')[1] as string;

interface Event {
  readonly event: string;
  readonly what?: string;
  readonly key?: string;
  readonly run?: string;
  readonly verdict?: string;
  readonly report?: string;
  readonly reason?: string;
  readonly files?: number;
}

/** A watch that runs, and what it told so far. */
class Watch {
  readonly events: Event[] = [];
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  stderr = '';

  constructor(...args: string[]) {
    const line = [MAIN, 'watch', 'pilot', '--settle', '0.4', '--poll', '1', '--json', ...args];
    this.child = spawn(process.execPath, line, { cwd: folder });
    let text = '';
    this.child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      for (const each of lines) this.events.push(JSON.parse(each) as Event);
    });
    this.child.stderr?.setEncoding('utf8').on('data', (part: string) => {
      this.stderr += part;
    });
    this.ended = new Promise((resolve) => this.child.on('exit', resolve));
  }

  /** The first event behind `from` that fits; fails with all that was told where none comes. */
  async until(fits: (event: Event) => boolean, from = 0): Promise<Event> {
    const endMs = performance.now() + 30_000;
    while (performance.now() < endMs) {
      const found = this.events.slice(from).find(fits);
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`it did not come: ${JSON.stringify(this.events)}\n${this.stderr}`);
  }
}

const write = (key: string, bytes = files.get(key) as Uint8Array): void => {
  const path = join(folder, 'pilot', key);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
};
let watch: Watch | undefined;

beforeAll(() => {
  mkdirSync(program, { recursive: true });
  writeFileSync(join(folder, 'pilot/README.md'), 'no upload');
});
afterEach(() => void watch?.child.kill('SIGKILL'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('wattline watch', () => {
  test('evaluates and decides as files come, change and go, and ends on Ctrl-C', async () => {
    watch = new Watch();
    await watch.until((e) => e.event === 'watching');
    for (const key of keys.filter((k) => !candidate.includes(k))) write(key);
    await watch.until((e) => e.event === 'run' && /baseline/.test(e.run ?? ''));

    // The manifest last, and the power log in two steps.
    const bytes = files.get(power) as Uint8Array;
    write(power, bytes.subarray(0, bytes.length / 2));
    for (const key of candidate) if (key !== power && !key.endsWith('run.json')) write(key);
    appendFileSync(join(folder, 'pilot', power), bytes.subarray(bytes.length / 2));
    write(candidate[0] as string);
    const first = await watch.until((e) => e.event === 'run' && e.run === run);
    expect(readFileSync(join(folder, first.report as string), 'utf8')).toContain(run);
    const decided = await watch.until((e) => e.event === 'decision', watch.events.indexOf(first));
    expect(decided.verdict).toMatch(/^(?:hold|scale-up|stop)$/);
    expect(existsSync(join(folder, decided.report as string))).toBe(true);
    // One version of the file: no half of it was ever read.
    expect(watch.events.filter((e) => e.key === power).map((e) => e.what)).toEqual(['new']);

    // A change by renaming another file over it.
    let mark = watch.events.length;
    const text = Buffer.from(bytes).toString('utf8').trimEnd().split('\n').slice(0, -1).join('\n');
    writeFileSync(join(folder, 'pilot', `${power}.tmp`), `${text}\n`);
    renameSync(join(folder, 'pilot', `${power}.tmp`), join(folder, 'pilot', power));
    await watch.until((e) => e.key === power && e.what === 'changed', mark);
    await watch.until((e) => e.event === 'run' && e.run === run, mark);

    // A policy that is none says so, and the watch goes on.
    mark = watch.events.length;
    write('p/policy.json', Buffer.from('{"schema": "wattline/policy@1"}'));
    const problem = await watch.until((e) => e.event === 'problem', mark);
    expect(problem.reason).toMatch(/not decided: p\/policy\.json: .*name/);
    mark = watch.events.length;
    rmSync(join(folder, 'pilot/p/policy.json'));
    await watch.until((e) => e.event === 'decision', mark);

    // A run that goes no longer counts.
    mark = watch.events.length;
    rmSync(join(program, run), { recursive: true });
    await watch.until((e) => e.key === `p/${run}/run.json` && e.what === 'deleted', mark);
    const after = await watch.until((e) => e.event === 'decision', mark);
    const json = JSON.parse(
      readFileSync(join(folder, (after.report as string).replace(/html$/, 'json')), 'utf8'),
    ) as { runs: { run: string }[] };
    expect(JSON.stringify(json)).not.toContain(`"${run}"`);

    expect(watch.events.some((e) => e.key === 'README.md')).toBe(false);
    watch.child.kill('SIGINT');
    expect(await watch.ended).toBe(0);
    expect(watch.events.at(-1)?.event).toBe('stopped');
  });

  test('takes up where it was ended: nothing is read again but what changed meanwhile', async () => {
    for (const key of candidate) write(key);
    watch = new Watch('--once');
    expect(await watch.ended).toBe(0);
    const told = watch.events.filter((e) => e.event === 'file').map((e) => e.key);
    expect(new Set(told)).toEqual(new Set(candidate));
    watch = new Watch('--once');
    expect(await watch.ended).toBe(0);
    expect(watch.events.filter((e) => e.event === 'file' || e.event === 'run')).toEqual([]);
  });

  test('names what it cannot read and why, and reads the rest', async () => {
    write('p/bad\u0007run/run.json', Buffer.from('{}'));
    write(`p/${run}/extra.bin`, Buffer.from('what is this\n'));
    watch = new Watch('--once');
    expect(await watch.ended).toBe(0);
    expect(watch.events.find((e) => e.what === 'unreadable')?.reason).toMatch(/expected <program>\/<run>/);
    expect(watch.events.find((e) => e.what === 'refused')?.key).toBe(`p/${run}/extra.bin`);
    rmSync(join(program, 'bad\u0007run'), { recursive: true });
    rmSync(join(program, run, 'extra.bin'));
  });

  test('a second Ctrl-C ends it at once', async () => {
    watch = new Watch();
    await watch.until((e) => e.event === 'watching');
    watch.child.kill('SIGINT');
    watch.child.kill('SIGINT');
    expect([0, 130]).toContain(await watch.ended);
  });

  test.each<[string, string[], number, RegExp]>([
    ['no folder', ['nowhere'], 1, /^wattline: nowhere: no such folder; expected one with <program>/],
    [
      'a store inside of what is watched',
      ['pilot', '--out', 'pilot/out'],
      2,
      /lies in the folder that is watched/,
    ],
    [
      'a store of another folder',
      ['other', '--out', 'out/pilot'],
      1,
      /out\/pilot: it holds the store of .*pilot, .*expected --out with a new folder/,
    ],
    ['a time that is none', ['pilot', '--settle', 'soon'], 2, /--settle "soon": expected seconds/],
    [
      'looks that are closer than files settle',
      ['pilot', '--settle', '5', '--poll', '1'],
      2,
      /--poll 1: below --settle 5/,
    ],
  ])('refuses %s', async (_name, args, code, message) => {
    mkdirSync(join(folder, 'other'), { recursive: true });
    const child = spawn(process.execPath, [MAIN, 'watch', ...args, '--once'], { cwd: folder });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      stderr += part;
    });
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(code);
    expect(stderr).toMatch(message);
  });
});
