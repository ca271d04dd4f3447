const MEBIBYTE = 2 ** 20;
/** As the AWS tools have it: small enough to send again, large enough to fill a line. S3 wants at least 5 MiB. */
const LEAST_PART_BYTES = 8 * MEBIBYTE;
/** S3's own limit. */
const MOST_PARTS = 10_000;
/** What does not compress grows by less than this. */
const COMPRESSED_GROWTH = 1.01;

/** Size of the parts of an object, of a file's size alone, so that a later push cuts it alike. Whole MiB. */
export function partBytesOf(fileBytes: number): number {
  const least = Math.ceil((fileBytes * COMPRESSED_GROWTH) / MOST_PARTS / MEBIBYTE) * MEBIBYTE;
  return Math.max(LEAST_PART_BYTES, least);
}
