import type { StageInput } from '../stage.ts';

/** A pilot that counts: a key of our own, a year of logs. Account, addressees and uploaders are for its owner to add. */
export const prod = {
  name: 'prod',
  kms: true,
  logRetentionDays: 365,
  ingest: { atOnce: 100 },
  evaluate: { atOnce: 20 },
  night: { runsAtOnce: 50, replayRunsAtOnce: 10 },
} satisfies StageInput;
