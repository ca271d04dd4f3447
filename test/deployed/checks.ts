/** What held and what did not, printed as it is found. */
export const counts = { passed: 0, failed: 0 };

export function check(name: string, isTrue: boolean, detail = ''): void {
  if (isTrue) counts.passed += 1;
  else counts.failed += 1;
  console.log(`${isTrue ? 'ok  ' : 'FAIL'} ${name}${isTrue || detail === '' ? '' : `: ${detail}`}`);
}

export function compare<T extends string | Buffer>(
  name: string,
  found: ReadonlyMap<string, T>,
  expected: ReadonlyMap<string, T>,
): void {
  const same = (a: T | undefined, b: T | undefined): boolean =>
    a !== undefined && b !== undefined && Buffer.compare(Buffer.from(a), Buffer.from(b)) === 0;
  const keys = [...new Set([...found.keys(), ...expected.keys()])];
  const different = keys.filter((key) => !same(found.get(key), expected.get(key)));
  check(
    `${name}: ${expected.size} objects, the same bytes`,
    expected.size > 0 && different.length === 0,
    `${different.length} differ, first ${different[0]} (found ${found.size}, expected ${expected.size})`,
  );
}

const PATIENCE_MS = 120_000;
const POLL_MS = 500;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** @throws Error when it did not happen in time. */
export async function until(
  what: string,
  isDone: () => Promise<boolean>,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const end = Date.now() + patienceMs;
  while (!(await isDone())) {
    if (Date.now() > end) throw new Error(`${what}: did not happen within ${patienceMs / 1_000} s`);
    await pause(POLL_MS);
  }
}

/** Waits for a count to come to what is wanted, for as long as it grows. @throws Error when it stands still. */
export async function reached(what: string, wanted: number, count: () => Promise<number>): Promise<void> {
  let most = -1;
  let end = 0;
  for (;;) {
    const now = await count();
    if (now >= wanted) return;
    if (now > most) {
      most = now;
      end = Date.now() + PATIENCE_MS;
    } else if (Date.now() > end)
      throw new Error(`${what}: ${most} of ${wanted}, and no more within ${PATIENCE_MS / 1_000} s`);
    await pause(POLL_MS);
  }
}
