import { WattlineError } from '../functions/core/errors.ts';

/** What the system says, and what to do about it. */
const SYSTEM: Readonly<Record<string, string>> = {
  EACCES: 'no permission; mend it, or name another place',
  EPERM: 'not allowed; mend the permissions, or name another place',
  EISDIR: 'it is a folder; expected a file',
  ENOTDIR: 'a part of the path is a file; expected a folder',
  EEXIST: 'it is there already, and is a file; expected a folder',
  ENOENT: 'no such file or folder',
  ENOSPC: 'the drive is full; free some space, or name another drive',
  EROFS: 'the drive can only be read; name another place',
  EMFILE: 'too many open files; raise the limit (ulimit -n)',
};

/** An error as one readable paragraph; the stack only for those who ask. */
export async function explain(error: unknown, isVerbose: boolean): Promise<string> {
  if (isVerbose && error instanceof Error) return error.stack ?? error.message;
  if (error instanceof WattlineError) {
    const { jsonFault } = await import('./json-fault.ts');
    return `wattline: ${jsonFault(error) ?? error.message}.`.replace(/([.?])\.$/, '$1');
  }
  const { code = '', path } = error as NodeJS.ErrnoException;
  if (SYSTEM[code] && path) return `wattline: ${path}: ${SYSTEM[code]}.`;
  return `wattline: ${error instanceof Error ? error.message : String(error)}. Run again with --verbose for more.`;
}
