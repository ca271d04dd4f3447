import { AT_ONCE, DEPLOYMENT, LIST_PAGE, REQUESTS } from './deployment.ts';
import type { DailyVolume, Fleet } from './fleet.ts';
import { EVALUATE_S_PER_WINDOW, MEASURED_OUTPUT, readSeconds } from './measured.ts';

/** Time of a small S3 request from a function in the same region: assumed, and not measured here. */
export const S3_REQUEST_S = 0.02;
/** Time of a listing of a thousand versions: assumed. */
const S3_LIST_S = 0.1;
/** Reading a receipt of a thousand scopes: 0.6 MB of JSON, checked against its schema. */
const RECEIPT_S_PER_SCOPE = 5e-6;
/** Parts in which `aws s3 cp` uploads, and begin and end of such an upload. */
const UPLOAD_PART_MB = 8 * 1.048576;
const MULTIPART_EXTRA = 2;
/** Parts in which segments are written. */
const SEGMENT_PART_BYTES = 8 * 2 ** 20;
/** Runs whose evaluation the night finds stale. */
const STALE_SHARE = 0.01;

/** Write requests of an object that is sent in parts once it is larger than one. */
const inParts = (size: number, part: number): number =>
  size <= part ? 1 : Math.ceil(size / part) + MULTIPART_EXTRA;

/** JSON of evaluations read and checked against its schema: assumed. */
const JSON_BYTES_PER_S = 20e6;

/** What a day's uploads make the system do. Seconds are of functions, summed over calls. */
export interface DailyWork {
  readonly ingestSecondsPerFile: number;
  readonly ingestS: number;
  readonly ingestCalls: number;
  /** One whenever a receipt comes. */
  readonly evaluateAttempts: number;
  readonly attemptS: number;
  /** The attempt that finds every file there. */
  readonly lastAttemptS: number;
  readonly evaluateS: number;
  readonly night: NightWork;
  readonly uploadWrites: number;
  readonly reads: number;
  readonly writes: number;
  readonly lists: number;
  /** Objects that the landing and the lake bucket announce. */
  readonly events: number;
  readonly messages: number;
  readonly transitions: number;
}

/** The night, with all the days there that are kept. */
export interface NightWork {
  readonly keptObjects: number;
  readonly keptRuns: number;
  /** One call that looks at every object. */
  readonly reconcileS: number;
  readonly staleRuns: number;
  /** One call a program. */
  readonly decideS: number;
  /** JSON that one program is decided from. */
  readonly decideBytes: number;
  readonly reads: number;
}

/** Work of one file from its event to its receipt, s. */
function ingestSeconds(volume: DailyVolume): number {
  const segmentWrites = inParts(volume.segmentBytes / volume.files, SEGMENT_PART_BYTES);
  const requests = REQUESTS.deferredReads + REQUESTS.ingestReads + REQUESTS.ingestWrites - 1 + segmentWrites;
  return readSeconds(volume.fileMb, DEPLOYMENT.readerMb) + requests * S3_REQUEST_S;
}

/** Requests of one run that are under way at once. */
const atOnce = (requests: number): number => Math.max(1, Math.min(AT_ONCE.requests, requests));

/** Every file of the run is looked at whenever a receipt comes. */
function attemptSeconds({ filesPerRun, chipsPerRun }: DailyVolume): number {
  const perFile =
    (REQUESTS.evaluateReadsPerFile * S3_REQUEST_S) / atOnce(filesPerRun) + chipsPerRun * RECEIPT_S_PER_SCOPE;
  return REQUESTS.evaluateReads * S3_REQUEST_S + filesPerRun * perFile;
}

/** The run as a whole: segments read, evaluated, and the result written. */
function lastAttemptSeconds(volume: DailyVolume): number {
  const requests = volume.filesPerRun + REQUESTS.evaluateReadsBefore + REQUESTS.evaluateWrites;
  // The first and the last file are read again: run start and stop fall into them.
  const again = Math.min(2, volume.filesPerRun) * readSeconds(volume.fileMb, DEPLOYMENT.readerMb);
  const windows = volume.windows / volume.runs;
  return attemptSeconds(volume) + requests * S3_REQUEST_S + windows * EVALUATE_S_PER_WINDOW + again;
}

function nightWork(volume: DailyVolume, { programs, retentionDays }: Fleet): NightWork {
  const keptObjects = volume.objects * retentionDays;
  const keptRuns = volume.runs * retentionDays;
  const listReads = keptObjects * REQUESTS.nightReadsPerObject + keptRuns * REQUESTS.nightReadsPerRun;
  const runsOfProgram = keptRuns / programs;
  const decideReads = runsOfProgram * REQUESTS.decideReadsPerRun;
  const pages = Math.ceil(keptObjects / LIST_PAGE);
  const perRun = keptRuns * (REQUESTS.nightReadsPerRun + REQUESTS.nightListsPerRun);
  const perObject = (keptObjects * REQUESTS.nightReadsPerObject) / atOnce(volume.filesPerRun);
  const decideBytes = runsOfProgram * volume.chipsPerRun * MEASURED_OUTPUT.evaluationBytesPerChip;
  return {
    keptObjects,
    keptRuns,
    reconcileS: pages * S3_LIST_S + ((perRun + perObject) * S3_REQUEST_S) / AT_ONCE.runs,
    staleRuns: Math.ceil(volume.runs * STALE_SHARE),
    decideS: (decideReads * S3_REQUEST_S) / AT_ONCE.requests + decideBytes / JSON_BYTES_PER_S,
    decideBytes,
    reads: listReads + programs * decideReads,
  };
}

/** What a day of `volume` makes the deployed system do, with `retentionDays` of days already there. */
export function dailyWork(volume: DailyVolume, fleet: Fleet): DailyWork {
  const { files, objects, runs, filesPerRun } = volume;
  const ingestSecondsPerFile = ingestSeconds(volume);
  const evaluateAttempts = objects;
  const attemptS = attemptSeconds(volume);
  const lastAttemptS = lastAttemptSeconds(volume);
  const night = nightWork(volume, fleet);
  // Receipts of all objects, segments of telemetry, progress and quarantine of about one file a run.
  const lakeWrites = objects + files * inParts(volume.segmentBytes / files, SEGMENT_PART_BYTES) + runs * 2;
  return {
    ingestSecondsPerFile,
    ingestS: files * ingestSecondsPerFile + (objects - files) * REQUESTS.ingestReads * S3_REQUEST_S,
    // Batches are seldom full: a call for each message, and one more for each file that came before its run.json.
    ingestCalls: objects + files,
    evaluateAttempts,
    attemptS,
    lastAttemptS,
    evaluateS: (evaluateAttempts - runs) * attemptS + (runs + night.staleRuns) * lastAttemptS,
    night,
    uploadWrites: files * inParts(volume.fileMb, UPLOAD_PART_MB) + (objects - files),
    reads:
      objects * (REQUESTS.ingestReads + REQUESTS.deferredReads) +
      evaluateAttempts * (REQUESTS.evaluateReads + REQUESTS.evaluateReadsPerFile * filesPerRun) +
      runs * (filesPerRun + REQUESTS.evaluateReadsBefore + 2) +
      night.reads,
    writes: lakeWrites + runs * REQUESTS.evaluateWrites,
    lists:
      evaluateAttempts +
      runs +
      Math.ceil(night.keptObjects / LIST_PAGE) +
      night.keptRuns * REQUESTS.nightListsPerRun,
    events: objects + objects + files + runs * 4,
    messages: objects + files + objects,
    transitions: 5 + 2 * (fleet.programs + night.staleRuns),
  };
}
