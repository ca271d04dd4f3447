import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

/** Commands of a document as they are typed: the lines of blocks without a language. */
export function commandsOf(path: string): string[] {
  const text = readFileSync(join(ROOT, path), 'utf8');
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter(([, language]) => language === '')
    .flatMap(([, , block]) => (block as string).split('\n').filter((line) => line.trim() !== ''));
}

/** Tools that stand in for what a reader has and a test has not, by name; each is the body of a shell script. */
export type StandIns = Readonly<Record<string, string>>;

const WATTLINE = `[ "$1" = wattline ] || { echo "npx $1: not a command of these documents" >&2; exit 127; }
shift
exec "${process.execPath}" "${join(ROOT, 'cli/main.ts')}" "$@"`;

function writeTools(folder: string, tools: StandIns): string {
  const bin = join(folder, '.bin');
  mkdirSync(bin);
  for (const [name, body] of Object.entries({ npx: WATTLINE, ...tools })) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return bin;
}

export interface Walk {
  readonly code: number | null;
  /** What was printed, each command in front of its own. */
  readonly output: string;
  /** The command that failed, if one did. */
  readonly failed: string | null;
}

/** Runs commands one after the other in one shell, as a reader would who types them into a folder. */
export async function walk(
  folder: string,
  commands: readonly string[],
  tools: StandIns,
  env: Readonly<Record<string, string>> = {},
): Promise<Walk> {
  const bin = writeTools(folder, tools);
  const script = commands.map((line, i) => `echo '>>> ${i}'\n${line}`).join('\n');
  const child = spawn('sh', ['-e'], {
    cwd: folder,
    env: { ...process.env, ...env, PATH: `${bin}:${process.env.PATH}` },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (output += String(bytes)));
  child.stdin.end(script);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const last = Number([...output.matchAll(/^>>> (\d+)$/gm)].at(-1)?.[1] ?? -1);
  return { code, output, failed: code === 0 ? null : (commands[last] ?? 'sh') };
}
