import { InputError } from '../errors.ts';
import { MEASURED_INGEST, MEASURED_OUTPUT } from './measured.ts';

/** What is watched, and how it is uploaded. */
export interface Fleet {
  readonly chips: number;
  /** Readings of a chip a second. */
  readonly hz: number;
  /** Size of a file as it is uploaded (gzip), MB of 10^6 bytes. */
  readonly fileMb: number;
  readonly programs: number;
  /** How long uploads and what is made of them are kept. */
  readonly retentionDays: number;
}

/** A run is a day of so many chips; a smaller fleet is one run a program. */
export const CHIPS_PER_RUN = 1_000;
const DAY_S = 86_400;
const DAY_MINUTES = 1_440;
/** A run's log of steps: small beside its telemetry, and one file. */
const LOGS_PER_RUN = 1;
const MANIFESTS_PER_RUN = 1;

/** What a fleet comes to in a day. Files are those of telemetry. */
export interface DailyVolume {
  readonly rows: number;
  readonly rawBytes: number;
  readonly uploadBytes: number;
  readonly runs: number;
  readonly chipsPerRun: number;
  readonly filesPerRun: number;
  readonly files: number;
  /** Files, logs and manifests. */
  readonly objects: number;
  /** Of a file as it comes out: runs end before a file is full. */
  readonly fileMb: number;
  /** Summaries of a chip and minute, those that a file's end cuts in two counted twice. */
  readonly windows: number;
  readonly segmentBytes: number;
  readonly receiptBytes: number;
  /** Evaluations and reports. */
  readonly resultBytes: number;
}

const LIMITS: Readonly<Record<keyof Fleet, readonly [low: number, high: number]>> = {
  chips: [1, 1e9],
  hz: [1e-4, 1e4],
  fileMb: [0.001, 5_000],
  programs: [1, 1e6],
  retentionDays: [1, 36_500],
};
const WHOLE: readonly (keyof Fleet)[] = ['chips', 'programs', 'retentionDays'];

/** @throws InputError `fleet` naming the field, its value and what was expected. */
export function checkFleet(fleet: Fleet): Fleet {
  for (const name of Object.keys(LIMITS) as (keyof Fleet)[]) {
    const [low, high] = LIMITS[name];
    const value = fleet[name];
    const isWhole = !WHOLE.includes(name) || Number.isSafeInteger(value);
    if (isWhole && value >= low && value <= high) continue;
    const kind = WHOLE.includes(name) ? 'a whole number' : 'a number';
    throw new InputError('fleet', `${name} ${value}: expected ${kind} from ${low} to ${high}`);
  }
  if (fleet.programs > fleet.chips)
    throw new InputError(
      'fleet',
      `programs ${fleet.programs}: expected at most as many as chips, ${fleet.chips}`,
    );
  return fleet;
}

/** Files, bytes and windows of a day, evenly over its runs. @throws InputError `fleet` */
export function dailyVolume(fleet: Fleet): DailyVolume {
  const { chips, hz, fileMb, programs } = checkFleet(fleet);
  const { rows: measuredRows, rawBytes, uploadBytes } = MEASURED_INGEST;
  const rows = chips * hz * DAY_S;
  const uploaded = (rows * uploadBytes) / measuredRows;
  const runs = Math.max(programs, Math.ceil(chips / CHIPS_PER_RUN));
  const filesPerRun = Math.max(1, Math.ceil(uploaded / runs / (fileMb * 1e6)));
  const files = runs * filesPerRun;
  // A reading slower than the minute leaves minutes without a window of their own.
  const windows = chips * (Math.min(DAY_MINUTES, hz * DAY_S) + filesPerRun - 1);
  return {
    rows,
    rawBytes: (rows * rawBytes) / measuredRows,
    uploadBytes: uploaded,
    runs,
    chipsPerRun: chips / runs,
    filesPerRun,
    files,
    objects: files + runs * (LOGS_PER_RUN + MANIFESTS_PER_RUN),
    fileMb: uploaded / files / 1e6,
    windows,
    segmentBytes: windows * MEASURED_OUTPUT.bytesPerWindow,
    receiptBytes: chips * filesPerRun * MEASURED_OUTPUT.receiptBytesPerScope,
    resultBytes: chips * (MEASURED_OUTPUT.evaluationBytesPerChip + MEASURED_OUTPUT.reportBytesPerChip),
  };
}
