/** The default stage as far as it costs or bounds anything (infra/). A test compares it with the template. */
export const DEPLOYMENT = {
  readerMb: 1_769,
  readerTimeoutS: 300,
  nightMb: 4_096,
  nightTimeoutS: 900,
  ingestAtOnce: 50,
  evaluateAtOnce: 10,
  /** Of the maps of the night. */
  nightRunsAtOnce: 20,
  replayRunsAtOnce: 5,
  nightProgramsAtOnce: 4,
  ingestBatch: { size: 10, windowS: 5 },
  evaluateBatch: { size: 100, windowS: 20 },
  /** Of a message that was taken and not finished. */
  visibilityS: 1_800,
  maxReceives: 5,
  /** Time kept back of a timeout, to answer with what failed. */
  reserveS: 5,
  logRetentionDays: 90,
  accessLogRetentionDays: 90,
} as const;

/** Requests of a function that are under way at once: of one run, and runs that the night looks at together. */
export const AT_ONCE = { requests: 16, runs: 4 } as const;

/** Requests as the code makes them, listings apart; a test counts them over the handlers themselves. */
export const REQUESTS = {
  /** Of one file, from its event to its receipt: the object, its run.json, and whether its receipt is there. */
  ingestReads: 3,
  /** Segments below a part, and the receipt. */
  ingestWrites: 2,
  /** Of a file that came before its run.json. */
  deferredReads: 2,
  /** Of each file of a run whenever one of its receipts comes: its receipt. */
  evaluateReadsPerFile: 1,
  /** Besides: the pointer and run.json. */
  evaluateReads: 2,
  /** Evaluation, pointer and four files of the report. */
  evaluateWrites: 6,
  /** Evaluation and report as they were before. */
  evaluateReadsBefore: 5,
  /** Of each object that lies in the landing bucket, every night: its receipt. */
  nightReadsPerObject: 1,
  /** Of each run that lies in the landing bucket, every night: run.json and the pointer. */
  nightReadsPerRun: 2,
  /** Listings of each run, every night: its objects, and its receipts. */
  nightListsPerRun: 2,
  /** Of each kept run of a program when it is decided: pointer and evaluation. */
  decideReadsPerRun: 2,
} as const;

/** Objects that one listing names. */
export const LIST_PAGE = 1_000;

/** Memory of `decide` for a byte of the evaluations' JSON: about what 120 evaluations of 1,000 chips took. */
export const DECIDE_BYTES_PER_JSON_BYTE = 2.5;
