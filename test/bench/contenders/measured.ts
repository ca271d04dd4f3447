import { readFileSync } from 'node:fs';

/** What a contender says of itself on its last line of output. */
export interface Measurement {
  readonly ms: number;
  readonly cpuMs: number;
  readonly peakBytes: number;
  /** What it made, for those who check it. */
  readonly made: Readonly<Record<string, unknown>>;
}

/**
 * Peak memory of this process. Linux carries getrusage's maximum over from the process that started this one, so
 * that it would be the parent's; the high-water mark of the address space is our own.
 */
function peakBytes(): number {
  try {
    const [, kib] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    if (kib !== undefined) return Number(kib) * 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}

/** Arguments of a contender: one JSON text. */
export const argumentsOf = <T>(): T => JSON.parse(process.argv[2] ?? '{}') as T;

/** Runs a job once, from opening its input to its output on disk, and prints what it took. Loading of code is not timed. */
export async function measured(job: () => Promise<Record<string, unknown>>): Promise<void> {
  const startMs = performance.now();
  const before = process.cpuUsage();
  const made = await job();
  const { user, system } = process.cpuUsage(before);
  const measurement: Measurement = {
    ms: performance.now() - startMs,
    cpuMs: (user + system) / 1000,
    peakBytes: peakBytes(),
    made,
  };
  process.stdout.write(`\n${JSON.stringify(measurement)}\n`);
}
