/**
 * Where everything lies (object layout, docs/architecture.md). Keys are computed from what they hold, so that
 * delivering an event twice, late or out of order writes the same bytes to the same place.
 */
export const MANIFEST_NAME = 'run.json';

export interface LandingKey {
  readonly program: string;
  readonly run: string;
  /** Path below the run. */
  readonly path: string;
}

export const landingKey = (program: string, run: string, path: string): string => `${program}/${run}/${path}`;
export const manifestKey = (program: string, run: string): string => landingKey(program, run, MANIFEST_NAME);
/** The program's own policy and prices, beside its runs; the packaged ones hold where these are absent. */
export const policyKey = (program: string): string => `${program}/policy.json`;
/** The plan of a ramp, whose economics then stand beside the verdict. */
export const rampKey = (program: string): string => `${program}/ramp.json`;
export const pricesKey = (program: string): string => `${program}/prices.json`;

type LakeTable = 'receipts' | 'segments' | 'progress' | 'quarantine';
const LAKE_SUFFIX: Record<LakeTable, string> = {
  receipts: 'json',
  segments: 'parquet',
  progress: 'parquet',
  quarantine: 'ndjson.gz',
};

/** `source` is the hash of bucket and key; `state` names object version and reading settings. */
export const lakeKey = (
  table: LakeTable,
  program: string,
  run: string,
  source: string,
  state: string,
): string => `${table}/program=${program}/run=${run}/source=${source}/${state}.${LAKE_SUFFIX[table]}`;

export const receiptPrefix = (program: string, run: string): string =>
  `receipts/program=${program}/run=${run}/`;

export const evaluationPrefix = (program: string, run: string): string =>
  `evaluations/program=${program}/run=${run}/`;
export const decisionPrefix = (program: string): string => `decisions/program=${program}/`;
export const policyVersionPrefix = (program: string): string => `policies/program=${program}/`;
export const policyVersionKey = (program: string, date: string, digest: string): string =>
  `${policyVersionPrefix(program)}date=${date}/${digest}.json`;
export const runReportPrefix = (program: string, run: string): string => `runs/${program}/${run}/`;
/** Index pages of one program, beside the folders of its nights. */
export const programPagesPrefix = (program: string): string => `programs/${program}/`;
export const programReportPrefix = (program: string, date: string): string => `programs/${program}/${date}/`;
export const LATEST = 'latest.json';
