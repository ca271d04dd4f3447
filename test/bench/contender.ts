import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { MEMORY_ENVIRONMENT } from '../../infra/memory-environment.ts';
import type { DecompressArguments } from './contenders/decompress.ts';
import type { DuckdbArguments } from './contenders/duckdb.ts';
import type { Measurement } from './contenders/measured.ts';
import type { WattlineArguments } from './contenders/wattline.ts';

/** A job that runs in a process of its own, so that its memory and its processor time are its own. */
export interface Contender {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** What it reads on standard input, made as it is read. */
  readonly input?: () => Iterable<string>;
}

const scriptPath = (name: string): string => fileURLToPath(new URL(`./contenders/${name}`, import.meta.url));

const node = (name: string, script: string, args: object): Contender => ({
  name,
  command: process.execPath,
  args: [scriptPath(script), JSON.stringify(args)],
});

/** Ours, from its bundle and in the environment of the deployed functions. */
export const wattline = (
  name: string,
  bundle: string,
  args: WattlineArguments,
  input?: () => Iterable<string>,
): Contender => ({
  name,
  command: process.execPath,
  args: [bundle, JSON.stringify(args)],
  environment: MEMORY_ENVIRONMENT,
  ...(input ? { input } : {}),
});
export const duckdb = (name: string, args: DuckdbArguments): Contender => node(name, 'duckdb.ts', args);
export const decompression = (name: string, args: DecompressArguments): Contender =>
  node(name, 'decompress.ts', args);
export const python = (name: string, interpreter: string, script: string, args: object): Contender => ({
  name,
  command: interpreter,
  args: [scriptPath(script), JSON.stringify(args)],
});

/** Runs a contender once. @throws Error where it fails, with what it said. */
export async function runOnce({ name, command, args, environment, input }: Contender): Promise<Measurement> {
  process.stderr.write(`  ${name} ...`);
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (bytes: Buffer) => output.push(bytes));
  child.stderr.on('data', (bytes: Buffer) => errors.push(bytes));
  // A child that fails stops reading: its own message says why.
  child.stdin.on('error', () => {});
  const closed = once(child, 'close') as Promise<[number | null]>;
  if (input) await feed(child.stdin, input(), closed);
  child.stdin.end();
  const [code] = await closed;
  const line = Buffer.concat(output).toString('utf8').trimEnd().split('\n').at(-1) ?? '';
  if (code !== 0 || line === '')
    throw new Error(`${name} failed (exit ${code}):\n${Buffer.concat(errors).toString('utf8')}`);
  const measurement = JSON.parse(line) as Measurement;
  process.stderr.write(
    ` ${(measurement.ms / 1000).toFixed(2)} s, ${Math.round(measurement.peakBytes / 1e6)} MB\n`,
  );
  return measurement;
}

async function feed(
  stdin: NodeJS.WritableStream,
  pieces: Iterable<string>,
  closed: Promise<unknown>,
): Promise<void> {
  for (const piece of pieces)
    if (!stdin.write(piece)) await Promise.race([once(stdin, 'drain').catch(() => {}), closed]);
}

export interface Result extends Measurement {
  readonly name: string;
  /** What every repetition made. */
  readonly all: readonly Measurement['made'][];
}

const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1] as number, sorted[middle] as number];
  return (low + high) / 2;
};

/** Runs contenders in turn, so that what else the machine does meets all of them; medians of each. */
export async function alternate(contenders: readonly Contender[], repetitions: number): Promise<Result[]> {
  const runs: Measurement[][] = contenders.map(() => []);
  for (let repetition = 0; repetition < repetitions; repetition += 1)
    for (const [i, contender] of contenders.entries()) runs[i]?.push(await runOnce(contender));
  return contenders.map(({ name }, i) => {
    const own = runs[i] as Measurement[];
    const all = own.map(({ made }) => made);
    return {
      name,
      ms: median(own.map((m) => m.ms)),
      cpuMs: median(own.map((m) => m.cpuMs)),
      peakBytes: median(own.map((m) => m.peakBytes)),
      made: all[0] ?? {},
      all,
    };
  });
}
