import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export const CAPTURE = join(import.meta.dirname, '../../data/baselines/measured/capture.sh');
const PYTHON_CHECK = 'import sys; sys.exit(sys.version_info < (3, 10))';

const works = (command: string, args: readonly string[]): boolean => spawnSync(command, args).status === 0;

/** Whether a dry run can be made here; where not, the reason stands in the output. */
export const canCapture = works('bash', ['-c', 'true']) && works('python3', ['-c', PYTHON_CHECK]);
if (!canCapture)
  process.stderr.write(
    'measured baselines: no bash or no python3 of 3.10 or later; dry runs are not tested\n',
  );

export interface Captured {
  readonly status: number | null;
  readonly stderr: string;
  /** Folder that the set's folder was made in. */
  readonly out: string;
  /** The set's folder; '' where none was made. */
  readonly set: string;
}

const made: string[] = [];

/** A new folder that `removeCaptured` takes away. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wattline-measured-'));
  made.push(folder);
  return folder;
}

export function removeCaptured(): void {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** Runs capture.sh as a user would; short runs, no real steps. */
export function capture(
  args: readonly string[] = ['--dry-run'],
  env: Readonly<Record<string, string>> = {},
): Captured {
  const out = scratch();
  // What a failed capture leaves behind goes with the scratch folder.
  const { status, stderr } = spawnSync(
    'bash',
    [CAPTURE, '--out', out, '--no-torch', '--run-s', '10', '--idle-s', '5', ...args],
    { encoding: 'utf8', env: { ...process.env, TMPDIR: scratch(), ...env } },
  );
  const [name] = readdirSync(out);
  return { status, stderr, out, set: name === undefined ? '' : join(out, name) };
}

export const unzipped = (path: string): string => gunzipSync(readFileSync(path)).toString('utf8');

/** Energy that the simulated board really drew, J: what it wrote down of itself, stretch by stretch. */
export function trueEnergyJ(set: string, startMs: number, stopMs: number): number {
  let [fromMs, sum] = [Date.UTC(2026, 0, 1), 0];
  for (const line of unzipped(join(set, 'truth.jsonl.gz')).trim().split('\n')) {
    const { untilMs, powerW } = JSON.parse(line) as { untilMs: number; powerW: number };
    sum += powerW * Math.max(0, Math.min(untilMs, stopMs) - Math.max(fromMs, startMs));
    fromMs = untilMs;
  }
  return sum / 1000;
}
