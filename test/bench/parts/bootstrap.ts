import { fileURLToPath } from 'node:url';
import type { Bench } from '../bench.ts';
import { alternate, type Contender } from '../contender.ts';
import type { BootstrapArguments } from '../contenders/bootstrap.ts';
import { megabytes, type Section, seconds } from '../section.ts';

const CHIPS = 1_000;
const RESAMPLES = 10_000;
const QUICK_RESAMPLES = 1_000;
const TIME_LIMIT_S = 1;
/** What the sides differ by: the interval of so many chips must hold about it. */
const LOG_RATIO = -0.1;
const LOG_RATIO_TOLERANCE = 0.01;

const SCRIPT = fileURLToPath(new URL('../contenders/bootstrap.ts', import.meta.url));

const contender = (name: string, args: BootstrapArguments): Contender => ({
  name,
  command: process.execPath,
  args: [SCRIPT, JSON.stringify(args)],
});

/** Cluster bootstrap of a thousand chips a side: how long an interval takes. */
export async function bootstrap(bench: Bench): Promise<Section> {
  const resamples = bench.isQuick ? QUICK_RESAMPLES : RESAMPLES;
  const results = await alternate(
    [
      contender('chips are drawn', { chips: CHIPS, resamples, unit: 'chip' }),
      contender('lots are drawn', { chips: CHIPS, resamples, unit: 'lot' }),
    ],
    bench.repetitions,
  );
  return {
    title: `${resamples} bootstrap resamples of ${CHIPS} chips against ${CHIPS}`,
    columns: ['', 'time', 'peak memory', 'method'],
    rows: results.map((r) => [r.name, seconds(r.ms), megabytes(r.peakBytes), String(r.made.method)]),
    notes: [],
    targets: results.map((r) => ({
      what: `Bootstrap, ${r.name}, time`,
      reached: r.ms / 1000,
      atMost: TIME_LIMIT_S,
      unit: ' s',
    })),
    failures: results
      .filter(
        ({ made }) =>
          !(Math.abs(Number(made.logRatio) - LOG_RATIO) < LOG_RATIO_TOLERANCE && made.low !== null),
      )
      .map(
        ({ name, made }) =>
          `${name}: a log ratio of ${String(made.logRatio)}; expected about ${LOG_RATIO}, with an interval`,
      ),
  };
}
