export type Status = 'ok' | 'warn' | 'fail';

/** One line of `wattline doctor`. */
export interface Check {
  readonly about: string;
  readonly status: Status;
  /** What was found. */
  readonly found: string;
  /** What to do about it; null where all is well. */
  readonly fix: string | null;
}

export const ok = (about: string, found: string): Check => ({ about, status: 'ok', found, fix: null });
export const warn = (about: string, found: string, fix: string): Check => ({
  about,
  status: 'warn',
  found,
  fix,
});
export const fail = (about: string, found: string, fix: string): Check => ({
  about,
  status: 'fail',
  found,
  fix,
});
