import type { StageInput } from '../stage.ts';

/** To try things in an account that is used for other things too: little is kept, little runs at the same time. */
export const dev = {
  name: 'dev',
  retention: { landingDays: 30, oldVersionsDays: 7, pointersDays: 7, accessLogsDays: 7 },
  logRetentionDays: 14,
  ingest: { atOnce: 5 },
  evaluate: { atOnce: 2 },
  night: { runsAtOnce: 4, replayRunsAtOnce: 2 },
} satisfies StageInput;
