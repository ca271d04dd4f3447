/**
 * Scopes by the bytes of the cells that name them: a hash of a few bytes to an index, with no string made. Part of
 * the hot path of tables.
 */
const LF = 10;
const CR = 13;
const QUOTE = 34;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
/** Between the parts of a key; no cell holds it, as it ends a line. */
const BETWEEN = LF;
const KEY_LIMIT = 512;

const text = new TextDecoder();

export class ScopeKeys {
  /** Open addressing; the table is kept less than half full. */
  private slots = new Int32Array(64).fill(-1);
  private readonly keys: Uint8Array[] = [];
  private readonly hashes: number[] = [];
  private readonly scopes: number[] = [];
  private readonly key = new Uint8Array(KEY_LIMIT);
  private length = 0;
  private hash = FNV_OFFSET;
  private isUnknown = false;
  /** Entry of the row before, what came after it the last time, and how far that has proved right. */
  private before = 0;
  private guess = -1;
  private guessed = 0;
  private readonly followers: number[] = [];
  private readonly scopeOf: (parts: readonly string[]) => number;

  constructor(scopeOf: (parts: readonly string[]) => number) {
    this.scopeOf = scopeOf;
  }

  begin(): void {
    this.length = 0;
    this.hash = FNV_OFFSET;
    this.guess = this.followers[this.before] ?? -1;
    this.guessed = 0;
  }

  /** Takes in one cell; its end, or -1 where it is not plain. */
  part(bytes: Uint8Array, start: number, delimiter: number): number {
    if (this.guess >= 0) {
      // Collectors go round their chips: the key that came next the last time is looked at before any is sought.
      const key = this.keys[this.guess] as Uint8Array;
      let { guessed } = this;
      let i = start;
      while (key[guessed] === bytes[i] && key[guessed] !== BETWEEN) {
        guessed += 1;
        i += 1;
      }
      const code = bytes[i];
      if (key[guessed] === BETWEEN && (code === delimiter || code === LF || code === CR)) {
        this.guessed = guessed + 1;
        return i;
      }
      this.giveUp(key);
    }
    return this.take(bytes, start, delimiter);
  }

  /** The guess was wrong at this cell; those before it were as guessed. */
  private giveUp(key: Uint8Array): void {
    this.guess = -1;
    for (let i = 0; i < this.guessed; i += 1) {
      this.key[i] = key[i] as number;
      this.hash = Math.imul(this.hash ^ (key[i] as number), FNV_PRIME);
    }
    this.length = this.guessed;
  }

  private take(bytes: Uint8Array, start: number, delimiter: number): number {
    const { key } = this;
    let { hash, length } = this;
    let i = start;
    let code = bytes[i] as number;
    while (code !== delimiter && code !== LF && code !== CR) {
      if (code === QUOTE || length >= KEY_LIMIT - 1) return -1;
      hash = Math.imul(hash ^ code, FNV_PRIME);
      key[length] = code;
      length += 1;
      i += 1;
      code = bytes[i] as number;
    }
    key[length] = BETWEEN;
    this.length = length + 1;
    this.hash = Math.imul(hash ^ BETWEEN, FNV_PRIME);
    return i;
  }

  /** Index of the scope that the cells since `begin` name; -1 where it is not known. */
  scope(): number {
    const entry =
      this.guess >= 0 && this.guessed === this.keys[this.guess]?.length ? this.guess : this.found();
    if (entry < 0) {
      this.isUnknown = true;
      return -1;
    }
    this.followers[this.before] = entry;
    this.before = entry;
    return this.scopes[entry] as number;
  }

  private found(): number {
    if (this.guess >= 0) this.giveUp(this.keys[this.guess] as Uint8Array);
    const { slots, hash } = this;
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot] as number;
      if (entry < 0) return -1;
      if (this.hashes[entry] === hash && this.isKey(this.keys[entry] as Uint8Array)) return entry;
    }
  }

  private isKey(known: Uint8Array): boolean {
    if (known.length !== this.length) return false;
    for (let i = 0; i < known.length; i += 1) if (known[i] !== this.key[i]) return false;
    return true;
  }

  /** Keeps the key that was not known, if its row has made its scope known. */
  learn(): void {
    if (!this.isUnknown) return;
    this.isUnknown = false;
    const key = this.key.slice(0, this.length);
    const parts = key.length === 0 ? [] : text.decode(key.subarray(0, -1)).split('\n');
    const scope = this.scopeOf(parts.map((part) => part.trim()));
    if (scope < 0) return;
    if ((this.keys.length + 1) * 2 > this.slots.length) this.grow();
    this.insert(this.keys.length, this.hash);
    this.keys.push(key);
    this.hashes.push(this.hash);
    this.scopes.push(scope);
    this.followers.push(-1);
  }

  private insert(entry: number, hash: number): void {
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    while ((this.slots[slot] as number) >= 0) slot = (slot + 1) & mask;
    this.slots[slot] = entry;
  }

  private grow(): void {
    this.slots = new Int32Array(this.slots.length * 2).fill(-1);
    for (const [entry, hash] of this.hashes.entries()) this.insert(entry, hash);
  }
}
