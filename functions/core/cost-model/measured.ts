/**
 * What one file takes, measured: docs/benchmarks.md, "Compressed CSV, beside decompression alone", the row of our
 * ingest and gzip. A test compares these numbers with that table, and with a small measurement of its own.
 */
export const MEASURED_INGEST = {
  rows: 4_000_000,
  rawBytes: 390e6,
  uploadBytes: 121e6,
  wallS: 2.75,
  cpuS: 4.81,
  peakBytes: 178e6,
} as const;

/** What is written of the same fleet, and of a simulated run of 512 chips: measured once, in bytes. */
export const MEASURED_OUTPUT = {
  /** Parquet bytes of one scope and minute. */
  bytesPerWindow: 164,
  /** Receipt bytes of one scope of a file. */
  receiptBytesPerScope: 645,
  /** An evaluation as JSON, a chip; a report holds it twice, as JSON and as tables. */
  evaluationBytesPerChip: 2_350,
  reportBytesPerChip: 3_150,
} as const;

/**
 * Evaluation of a run: the target of docs/benchmarks.md (1,000 chips over 24 h in 5 s) as time a window; what is
 * measured there must not be above it.
 */
export const EVALUATE_S_PER_WINDOW = 5 / (1_000 * 1_440);

/** One vCPU's worth of memory: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html. */
const MB_PER_VCPU = 1_769;

/**
 * Seconds of a function that `uploadMb` of gzip (MB as uploaded) keep busy: the processor time over its vCPUs, and
 * never less than the time that the same work took with two cores.
 */
export function readSeconds(uploadMb: number, memoryMb: number): number {
  const { cpuS, wallS, uploadBytes } = MEASURED_INGEST;
  const perMb = Math.max(cpuS / (memoryMb / MB_PER_VCPU), wallS) / (uploadBytes / 1e6);
  return uploadMb * perMb;
}
