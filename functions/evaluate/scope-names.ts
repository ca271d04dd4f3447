import { type Texts, textAt } from './segment-page.ts';

/** Indices of scope ids. Scopes come in the same order window by window: most are told by who followed the last one. */
export class ScopeNames {
  readonly ids: string[] = [];
  private readonly byId = new Map<string, number>();
  private readonly bytes: Buffer[] = [];
  private readonly followers: number[] = [];

  /** Indices of the scopes of a column's rows; new ids get the next ones. */
  indices(texts: Texts, rows: number): Int32Array {
    const found = new Int32Array(rows);
    let before = -1;
    for (let row = 0; row < rows; row += 1) {
      const guess = before < 0 ? -1 : (this.followers[before] as number);
      const index = guess >= 0 && this.is(guess, texts, row) ? guess : this.indexOf(textAt(texts, row));
      if (before >= 0) this.followers[before] = index;
      found[row] = index;
      before = index;
    }
    return found;
  }

  private is(index: number, { bytes, starts, ends }: Texts, row: number): boolean {
    const name = this.bytes[index] as Buffer;
    const start = starts[row] as number;
    if ((ends[row] as number) - start !== name.length) return false;
    for (let i = 0; i < name.length; i += 1) if (bytes[start + i] !== name[i]) return false;
    return true;
  }

  private indexOf(id: string): number {
    const known = this.byId.get(id);
    if (known !== undefined) return known;
    const index = this.ids.length;
    this.byId.set(id, index);
    this.ids.push(id);
    this.bytes.push(Buffer.from(id));
    this.followers.push(-1);
    return index;
  }
}
