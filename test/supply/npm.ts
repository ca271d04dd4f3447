import { spawnSync } from 'node:child_process';
import { ROOT } from './bundled.ts';

/** What npm writes to standard output, whatever its exit status says. @throws Error where npm cannot be run. */
export function npm(args: readonly string[]): { readonly stdout: string; readonly stderr: string } {
  const { stdout, stderr, error } = spawnSync('npm', args, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    shell: process.platform === 'win32',
  });
  if (error) throw new Error(`npm ${args.join(' ')}: it could not be run`, { cause: error });
  return { stdout, stderr };
}
