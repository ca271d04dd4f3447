import { type DailyCost, dailyCost } from '../../functions/core/cost-model/cost.ts';
import { DEPLOYMENT, REQUESTS } from '../../functions/core/cost-model/deployment.ts';
import type { Fleet } from '../../functions/core/cost-model/fleet.ts';
import { random } from '../bench/generate.ts';
import { arrivals, spread } from './arrivals.ts';
import { type FedQueue, type Job, type QueueRun, quantile, simulateQueue } from './fed-queue.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html: five at first, 300 more a minute. */
const POLLERS = 5;
const POLLERS_PER_S = 300 / 60;
/** Attempts that fail for no fault of the file: assumed, far above what S3 and Lambda do. */
const FAILURE_SHARE = 0.001;

const queue = (
  atOnce: number,
  batch: { readonly size: number; readonly windowS: number },
  next: () => number,
): FedQueue => ({
  atOnce,
  pollers: POLLERS,
  pollersPerS: POLLERS_PER_S,
  batchSize: batch.size,
  batchWindowS: batch.windowS,
  callLimitS: DEPLOYMENT.readerTimeoutS - DEPLOYMENT.reserveS,
  visibilityS: DEPLOYMENT.visibilityS,
  maxReceives: DEPLOYMENT.maxReceives,
  failureShare: FAILURE_SHARE,
  random: next,
});

/** Highest number of `per` things a second, counted in whole seconds. */
function peakPerSecond(times: Iterable<number>, per: number): number {
  const counts = new Map<number, number>();
  let peak = 0;
  for (const atS of times) {
    const second = Math.floor(atS);
    const count = (counts.get(second) ?? 0) + per;
    counts.set(second, count);
    peak = Math.max(peak, count);
  }
  return peak;
}

export interface SimulatedDay {
  readonly cost: DailyCost;
  readonly ingest: QueueRun;
  readonly evaluate: QueueRun;
  readonly ingestAgeP50S: number;
  readonly ingestAgeP99S: number;
  readonly evaluateAgeP99S: number;
  /** From upload to receipt. */
  readonly receiptP99S: number;
  readonly peakUploadsPerS: number;
  readonly peakLakeWritesPerS: number;
  readonly peakReadsPerS: number;
  readonly peakEventsPerS: number;
}

/** One day of a fleet, file by file: uploads, ingest, and the evaluations that receipts bring about. */
export function simulateDay(fleet: Fleet, seed: number): SimulatedDay {
  const cost = dailyCost(fleet);
  const { volume, work } = cost;
  const next = random(seed);
  const times = arrivals(volume.files, next);
  const files: Job[] = [...times].map((arrivalS) => ({
    arrivalS,
    serviceS: work.ingestSecondsPerFile * spread(next),
  }));
  const ingest = simulateQueue(files, queue(DEPLOYMENT.ingestAtOnce, DEPLOYMENT.ingestBatch, next));
  const receipts = receiptJobs(ingest, cost, next);
  const evaluate = simulateQueue(receipts, queue(DEPLOYMENT.evaluateAtOnce, DEPLOYMENT.evaluateBatch, next));
  const ends = ingest.ends.map(({ atS }) => atS);
  const readsOfIngest = peakPerSecond(ends, REQUESTS.ingestReads + REQUESTS.deferredReads);
  return {
    cost,
    ingest,
    evaluate,
    ingestAgeP50S: quantile(ingest.ages, 0.5),
    ingestAgeP99S: quantile(ingest.ages, 0.99),
    evaluateAgeP99S: quantile(evaluate.ages, 0.99),
    receiptP99S: quantile(ingest.sojourns, 0.99),
    peakUploadsPerS: peakPerSecond(times, work.uploadWrites / volume.files),
    peakLakeWritesPerS: peakPerSecond(ends, REQUESTS.ingestWrites),
    // An evaluation makes one request after the other: so many calls, so many requests at a time.
    peakReadsPerS:
      readsOfIngest +
      evaluate.peakBusy * (volume.filesPerRun / work.attemptS) * REQUESTS.evaluateReadsPerFile,
    peakEventsPerS: peakPerSecond(times, 1) + peakPerSecond(ends, REQUESTS.ingestWrites),
  };
}

/** Every receipt brings its run to evaluate; the last one of a run finds every file there. */
function receiptJobs({ ends }: QueueRun, { volume, work }: DailyCost, next: () => number): Job[] {
  const left = new Map<number, number>();
  const runOf = (job: number): number => job % volume.runs;
  for (const { job } of ends) left.set(runOf(job), (left.get(runOf(job)) ?? 0) + 1);
  return ends.map(({ job, atS }) => {
    const group = runOf(job);
    const rest = (left.get(group) as number) - 1;
    left.set(group, rest);
    const serviceS = (rest === 0 ? work.lastAttemptS : work.attemptS) * spread(next);
    return { arrivalS: atS, serviceS, group };
  });
}
