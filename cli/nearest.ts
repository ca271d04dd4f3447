/** Steps between two words: letters put in, left out, replaced, or two neighbours swapped. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        (last[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (last[j - 1] as number) + (isSame ? 0 : 1),
        isSwapped ? (before[j - 2] as number) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    before = last;
    last = row;
  }
  return last[b.length] as number;
}

/** More steps than this share of a word's letters make another word of it. */
const SLIP = 0.4;

/** The word that was meant, if one is near; letters' case does not count. */
export function nearest(word: string, words: readonly string[]): string | null {
  const ranked = words
    .map((known) => ({ known, steps: distance(word.toLowerCase(), known.toLowerCase()) }))
    .filter(({ known, steps }) => steps <= Math.max(word.length, known.length) * SLIP)
    .sort((a, b) => a.steps - b.steps);
  return ranked[0]?.known ?? null;
}
