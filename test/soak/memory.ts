import type { Sample } from './instance.ts';

const MEBIBYTE = 2 ** 20;
/** Above this growth from the first to the last third, memory is not flat: garbage that waits is less. */
const FLAT_RATIO = 1.15;
/** In fewer invocations a process is still warming up. */
const LEAST_SAMPLES = 150;

/** Medians of what a process took up, in the thirds of its time. */
export interface Thirds {
  readonly name: string;
  readonly samples: number;
  readonly rssMib: readonly [number, number, number];
  readonly heapMib: readonly [number, number, number];
  /** Null where there are too few samples to say. */
  readonly isFlat: boolean | null;
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[half] as number)
    : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2;
};

/** Thirds by number: samples are taken after each invocation. */
export function thirdsOf(name: string, samples: readonly Sample[]): Thirds {
  const mib = (third: number, of: (sample: Sample) => number): number => {
    const from = Math.floor((samples.length * third) / 3);
    const to = Math.floor((samples.length * (third + 1)) / 3);
    return samples.length < 3 ? 0 : median(samples.slice(from, to).map(of)) / MEBIBYTE;
  };
  const three = (of: (sample: Sample) => number): [number, number, number] => [
    mib(0, of),
    mib(1, of),
    mib(2, of),
  ];
  const rssMib = three((s) => s.rssBytes);
  return {
    name,
    samples: samples.length,
    rssMib,
    heapMib: three((s) => s.heapBytes),
    isFlat: samples.length < LEAST_SAMPLES ? null : rssMib[2] <= rssMib[0] * FLAT_RATIO,
  };
}
