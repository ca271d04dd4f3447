/**
 * Counts faults from a gauge that keeps the code of the last one (DCGM's XID errors): a fault is a change to a
 * code other than 0. What the gauge holds at first happened at an unknown time before, and is not counted; the
 * same fault twice in a row cannot be told from one.
 */
export class StickyFaults {
  private readonly last = new Map<string, { code: number; count: number }>();

  /** Total of faults seen of this scope so far, `code` being the gauge now. */
  total(scope: string, code: number): number {
    const known = this.last.get(scope);
    const isNew = known !== undefined && code !== 0 && code !== known.code;
    const count = (known?.count ?? 0) + (isNew ? 1 : 0);
    this.last.set(scope, { code, count });
    return count;
  }
}
