import { DECIDE_BYTES_PER_JSON_BYTE, DEPLOYMENT } from '../../functions/core/cost-model/deployment.ts';
import { DAY_S } from './arrivals.ts';
import type { SimulatedDay } from './day.ts';

export interface Limit {
  readonly name: string;
  /** `day`: from upload to report. `night`: what looks at all that is kept. */
  readonly of: 'day' | 'night';
  readonly limit: number;
  readonly unit: string;
  readonly source: string;
  readonly load: (day: SimulatedDay) => number;
}

const S3_RATES = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html';
const STACK = 'infra/';
/** As the alarm on the age of a queue has it. */
const AGE_LIMIT_S = 3_600;

/** What can be too much, each with the number that is documented for it. S3's rates hold for one partition. */
export const LIMITS: readonly Limit[] = [
  {
    name: 'ingest functions, mean of the day',
    of: 'day',
    limit: DEPLOYMENT.ingestAtOnce,
    unit: 'at work',
    source: `${STACK}stage.ts, ingest.atOnce; at most 1,000 by the event source`,
    load: ({ ingest }) => ingest.busyS / DAY_S,
  },
  {
    name: 'evaluate functions, mean of the day',
    of: 'day',
    limit: DEPLOYMENT.evaluateAtOnce,
    unit: 'at work',
    source: `${STACK}stage.ts, evaluate.atOnce; at most 1,000 by the event source`,
    load: ({ evaluate }) => evaluate.busyS / DAY_S,
  },
  {
    name: 'age in the ingest queue, p99',
    of: 'day',
    limit: AGE_LIMIT_S,
    unit: 's',
    source: `${STACK}pipeline-alarms.ts`,
    load: ({ ingestAgeP99S }) => ingestAgeP99S,
  },
  {
    name: 'age in the evaluate queue, p99',
    of: 'day',
    limit: AGE_LIMIT_S,
    unit: 's',
    source: `${STACK}pipeline-alarms.ts`,
    load: ({ evaluateAgeP99S }) => evaluateAgeP99S,
  },
  {
    name: 'evaluation of one run',
    of: 'day',
    limit: DEPLOYMENT.readerTimeoutS - DEPLOYMENT.reserveS,
    unit: 's',
    source: `${STACK}workers.ts, READER_TIMEOUT`,
    load: ({ cost }) => cost.work.lastAttemptS,
  },
  {
    name: 'PUT into the landing bucket, peak',
    of: 'day',
    limit: 3_500,
    unit: 'a second and partition',
    source: S3_RATES,
    load: ({ peakUploadsPerS }) => peakUploadsPerS,
  },
  {
    name: 'PUT into the lake, peak',
    of: 'day',
    limit: 3_500,
    unit: 'a second and partition',
    source: S3_RATES,
    load: ({ peakLakeWritesPerS }) => peakLakeWritesPerS,
  },
  {
    name: 'GET and HEAD, peak, both buckets as one',
    of: 'day',
    limit: 5_500,
    unit: 'a second and partition',
    source: S3_RATES,
    load: ({ peakReadsPerS }) => peakReadsPerS,
  },
  {
    name: 'events to targets, peak',
    of: 'day',
    limit: 18_750,
    unit: 'a second (us-east-1; others 750 and more)',
    source: 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html',
    load: ({ peakEventsPerS }) => peakEventsPerS,
  },
  {
    name: 'reconcile',
    of: 'night',
    limit: DEPLOYMENT.nightTimeoutS,
    unit: 's',
    source: `${STACK}workers.ts, NIGHT_TIMEOUT; Lambda has no longer one`,
    load: ({ cost }) => cost.work.night.reconcileS,
  },
  {
    name: 'decide, of one program',
    of: 'night',
    limit: DEPLOYMENT.nightTimeoutS,
    unit: 's',
    source: `${STACK}workers.ts, NIGHT_TIMEOUT; Lambda has no longer one`,
    load: ({ cost }) => cost.work.night.decideS,
  },
  {
    name: 'evaluations of one program in memory',
    of: 'night',
    limit: (DEPLOYMENT.nightMb * 2 ** 20) / 1e6,
    unit: 'MB',
    source: `${STACK}stage.ts, night.memoryMb; Lambda has 10,240 MB at most`,
    load: ({ cost }) => (cost.work.night.decideBytes * DECIDE_BYTES_PER_JSON_BYTE) / 1e6,
  },
];

export interface Load extends Pick<Limit, 'name' | 'of' | 'limit' | 'unit' | 'source'> {
  readonly load: number;
  /** load / limit. */
  readonly share: number;
}

export const loadsOf = (day: SimulatedDay): Load[] =>
  LIMITS.map(({ load, ...rest }) => {
    const value = load(day);
    return { ...rest, load: value, share: value / rest.limit };
  });

/** The limit that is nearest, or furthest behind. */
export const tightest = (loads: readonly Load[], of: Limit['of']): Load =>
  loads.filter((l) => l.of === of).reduce((worst, l) => (l.share > worst.share ? l : worst));
