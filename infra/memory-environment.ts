/**
 * What the process of every function is told of memory, measured in docs/benchmarks.md. Young objects stay within a
 * few megabytes: telemetry is read in typed arrays, and the default of three times 16 MiB a thread only grows what
 * the function takes. The C library keeps two heaps instead of one a thread, of which each holds on to what it once had.
 */
export const MEMORY_ENVIRONMENT = { NODE_OPTIONS: '--max-semi-space-size=2', MALLOC_ARENA_MAX: '2' } as const;
