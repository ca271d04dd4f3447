import { DECIDE_BYTES_PER_JSON_BYTE, DEPLOYMENT } from './deployment.ts';
import { type DailyVolume, dailyVolume, type Fleet } from './fleet.ts';
import { AWS_LIST_PRICES, type PriceName, storageUsdPerMonth } from './prices.ts';
import { type DailyWork, dailyWork } from './work.ts';

/** A month of 365 / 12 days, as a bill has them on average. */
const MONTH_DAYS = 365 / 12;
const GIB = 2 ** 30;
const KIB = 2 ** 10;
/** Empty receives: five pollers a queue, each waiting up to 20 s, on two queues. */
const IDLE_POLLS_A_DAY = (2 * 5 * 86_400) / 20;
/** Sent, received and deleted; a receive and a delete carry up to ten, which is not counted on. */
const SQS_REQUESTS_PER_MESSAGE = 3;
/** Lines of one call: start, end, report, metrics, and one for what was done. */
const LOG_BYTES_PER_CALL = 2 * KIB;
/** Share of its size that a log is kept in. */
const LOG_COMPRESSION = 0.15;
const ACCESS_LOG_BYTES = 500;
/** What functions emit, and what each program's nights add with one workload; what alarms watch, and dashboards (infra/). */
const METRICS = 35;
const METRICS_PER_PROGRAM = 14;
/** Of 30 alarms: one on an expression is billed for every metric in it. */
const ALARM_METRICS = 46;
const DASHBOARDS = 2;
const KEYS = 1;
/** Queries of a day each read a day's segments once. */
const SCANS_A_DAY = 1;

export interface CostLine {
  readonly service: string;
  readonly what: string;
  readonly quantity: number;
  readonly unit: string;
  readonly usdPerDay: number;
}

export interface DailyCost {
  readonly fleet: Fleet;
  readonly volume: DailyVolume;
  readonly work: DailyWork;
  readonly lines: readonly CostLine[];
  readonly usdPerDay: number;
  readonly usdPerChipDay: number;
  /** Where the deployed system would not do what the numbers say. */
  readonly warnings: readonly string[];
}

const priced = (service: string, what: string, name: PriceName, quantity: number, days = 1): CostLine => ({
  service,
  what,
  quantity,
  unit: AWS_LIST_PRICES[name].per,
  usdPerDay: (quantity * AWS_LIST_PRICES[name].usd) / days,
});

function lambdaLines(work: DailyWork, { programs }: Fleet): CostLine[] {
  const gb = (seconds: number, memoryMb: number): number => (seconds * memoryMb) / KIB;
  const line = (what: string, seconds: number, memoryMb: number): CostLine =>
    priced('Lambda', what, 'lambdaGbSecond', gb(seconds, memoryMb));
  const calls = work.ingestCalls + work.evaluateAttempts + work.transitions;
  return [
    line('ingest', work.ingestS, DEPLOYMENT.readerMb),
    line('evaluate', work.evaluateS, DEPLOYMENT.readerMb),
    line('the night', work.night.reconcileS + work.night.decideS * programs, DEPLOYMENT.nightMb),
    priced('Lambda', 'calls', 'lambdaRequest', calls),
  ];
}

function storageLine(volume: DailyVolume, work: DailyWork, { retentionDays }: Fleet): CostLine {
  const requests = work.reads + work.writes + work.uploadWrites + work.lists;
  const bytes =
    (volume.uploadBytes + volume.segmentBytes + volume.receiptBytes + volume.resultBytes) * retentionDays +
    requests * ACCESS_LOG_BYTES * DEPLOYMENT.accessLogRetentionDays;
  return {
    service: 'S3',
    what: `storage after ${retentionDays} days`,
    quantity: bytes / GIB,
    unit: 'GB-month, by tier',
    usdPerDay: storageUsdPerMonth(bytes / GIB) / MONTH_DAYS,
  };
}

function otherLines(volume: DailyVolume, work: DailyWork, { programs }: Fleet): CostLine[] {
  const metrics = METRICS + METRICS_PER_PROGRAM * programs;
  const calls = work.ingestCalls + work.evaluateAttempts + work.transitions;
  const logGb = (calls * LOG_BYTES_PER_CALL) / GIB;
  const keptLogGb = logGb * LOG_COMPRESSION * DEPLOYMENT.logRetentionDays;
  return [
    priced('S3', 'uploads', 's3Write', work.uploadWrites),
    priced('S3', 'writes and lists', 's3Write', work.writes + work.lists),
    priced('S3', 'reads', 's3Read', work.reads),
    priced('SQS', 'requests', 'sqsRequest', work.messages * SQS_REQUESTS_PER_MESSAGE + IDLE_POLLS_A_DAY),
    priced('EventBridge', 'objects announced', 'event', work.events),
    priced('Step Functions', 'transitions', 'stateTransition', work.transitions),
    priced('CloudWatch', 'logs taken in', 'logGb', logGb),
    priced('CloudWatch', 'logs kept', 'logGbMonth', keptLogGb, MONTH_DAYS),
    priced('CloudWatch', 'metrics', 'metricMonth', metrics, MONTH_DAYS),
    priced('CloudWatch', 'alarms', 'alarmMonth', ALARM_METRICS, MONTH_DAYS),
    priced('CloudWatch', 'dashboards', 'dashboardMonth', DASHBOARDS, MONTH_DAYS),
    priced('KMS', 'key of topics', 'keyMonth', KEYS, MONTH_DAYS),
    priced('Athena', 'queries', 'athenaTb', (SCANS_A_DAY * volume.segmentBytes) / 1e12),
  ];
}

const shown = (value: number): string => String(Number(value.toPrecision(3)));

/** Limits of a single call, which no number of functions lifts. */
function warningsOf({ fileMb, filesPerRun }: DailyVolume, work: DailyWork): string[] {
  const { readerTimeoutS, nightTimeoutS, ingestBatch, reserveS } = DEPLOYMENT;
  const { night, ingestSecondsPerFile, lastAttemptS } = work;
  const size = `${shown(fileMb)} MB`;
  const readerS = readerTimeoutS - reserveS;
  const calls: readonly [seconds: number, limitS: number, what: string][] = [
    [ingestSecondsPerFile, readerS, `ingest of one file of ${size}`],
    [
      ingestSecondsPerFile * ingestBatch.size,
      readerS,
      `ingest of a full batch of ${ingestBatch.size} files of ${size}`,
    ],
    [lastAttemptS, readerS, `evaluation of a run of ${filesPerRun} files`],
    [
      night.reconcileS,
      nightTimeoutS,
      `reconcile, which looks at each of ${shown(night.keptObjects)} objects that are kept,`,
    ],
    [night.decideS, nightTimeoutS, 'decide, which reads the evaluation of every run that is kept,'],
  ];
  const warnings = calls.flatMap(([seconds, limitS, what]) =>
    seconds > limitS ? [`${what} takes about ${shown(seconds)} s; a call has ${limitS} s`] : [],
  );
  const heldMb = (night.decideBytes * DECIDE_BYTES_PER_JSON_BYTE) / 1e6;
  if (heldMb > DEPLOYMENT.nightMb)
    warnings.push(
      `decide holds the evaluations of a program in about ${shown(heldMb)} MB; the function has ${DEPLOYMENT.nightMb} MB`,
    );
  return warnings;
}

/**
 * What a fleet costs a day at AWS_LIST_PRICES once `retentionDays` of uploads are there. Free tiers, data leaving the
 * region, support and tax are left out.
 *
 * @throws InputError `fleet`
 */
export function dailyCost(fleet: Fleet): DailyCost {
  const volume = dailyVolume(fleet);
  const work = dailyWork(volume, fleet);
  const lines = [
    ...lambdaLines(work, fleet),
    storageLine(volume, work, fleet),
    ...otherLines(volume, work, fleet),
  ];
  const usdPerDay = lines.reduce((sum, line) => sum + line.usdPerDay, 0);
  const warnings = warningsOf(volume, work);
  return { fleet, volume, work, lines, usdPerDay, usdPerChipDay: usdPerDay / fleet.chips, warnings };
}
