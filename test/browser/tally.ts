/** What was found instead is cut: the first of it says enough. */
const DETAIL = 700;

/** Counts checks, and says at once which one does not hold. */
export class Tally {
  passed = 0;
  failed = 0;

  check(name: string, isTrue: boolean, detail: unknown = ''): void {
    if (isTrue) this.passed += 1;
    else {
      this.failed += 1;
      console.log(`FAIL ${name}: ${(JSON.stringify(detail) ?? '').slice(0, DETAIL)}`);
    }
  }
}

/** Runs a part of the suite and says how long it took. */
export async function timed<T>(name: string, work: () => Promise<T>): Promise<T> {
  const beganMs = performance.now();
  try {
    return await work();
  } finally {
    console.log(`${name}: ${((performance.now() - beganMs) / 1000).toFixed(1)} s`);
  }
}
