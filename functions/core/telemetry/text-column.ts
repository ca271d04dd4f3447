const LENGTH_BYTES = 4;
const FIRST_BYTES = 2 ** 16;
/** The most that a UTF-16 code unit takes as UTF-8. */
const BYTES_PER_UNIT = 3;
const encoder = new TextEncoder();

/**
 * A column of texts as bytes, each behind its length (32 bits, little-endian), as Parquet's PLAIN has them. Kept as
 * strings until they are written, tens of thousands of texts would outlive the collector's young generation.
 */
export class TextColumn {
  private bytes = new Uint8Array(FIRST_BYTES);
  private length = 0;
  private readonly present: boolean[] = [];

  /** A row without a text. */
  addBlank(): void {
    this.present.push(false);
  }

  /** The text of the last row. @throws Error where there is no row, or it has one. */
  fillLast(text: string): void {
    if (this.present.at(-1) !== false) throw new Error('a text column: no blank row to fill');
    this.present[this.present.length - 1] = true;
    const needed = this.length + LENGTH_BYTES + text.length * BYTES_PER_UNIT;
    if (needed > this.bytes.length) {
      const longer = new Uint8Array(Math.max(needed, this.bytes.length * 2));
      longer.set(this.bytes.subarray(0, this.length));
      this.bytes = longer;
    }
    const from = this.length + LENGTH_BYTES;
    const { written } = encoder.encodeInto(text, this.bytes.subarray(from));
    new DataView(this.bytes.buffer).setUint32(this.length, written, true);
    this.length = from + written;
  }

  /** Whether each row has a text. */
  get isPresent(): readonly boolean[] {
    return this.present;
  }

  /** The texts that are there, in memory of their own. */
  values(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.length);
  }

  clear(): void {
    this.length = 0;
    this.present.length = 0;
  }
}
