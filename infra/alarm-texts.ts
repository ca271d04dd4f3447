import type { FunctionName } from '../functions/platform/metrics.ts';
import type { OperatorAlarmProps } from './alarms.ts';
import type { DeadLetterQueues } from './pipeline-parts.ts';

/** Whom an alarm hurts, and its heading in docs/runbook.md. */
export type AlarmText = Pick<OperatorAlarmProps, 'impact' | 'runbook'>;

export const DEAD_LETTERS: Record<keyof DeadLetterQueues, AlarmText> = {
  ingest: { impact: 'Files that were uploaded are not in the reports.', runbook: 'Ingest dead letters' },
  evaluate: { impact: 'Runs have no report, or an old one.', runbook: 'Evaluate dead letters' },
  ingestUndelivered: {
    impact: 'Uploads were not announced; they wait for the night.',
    runbook: 'Uploads not announced',
  },
  evaluateUndelivered: {
    impact: 'Receipts were not announced; their runs wait for the night.',
    runbook: 'Receipts not announced',
  },
  nightUndelivered: { impact: 'A night was not started: no decision.', runbook: 'Night not started' },
};

export const BEHIND: Record<'ingest' | 'evaluate', AlarmText> = {
  ingest: { impact: 'Uploads wait for over an hour; reports are late.', runbook: 'Ingest is behind' },
  evaluate: { impact: 'Runs wait for over an hour; reports are late.', runbook: 'Evaluate is behind' },
};

export const ERRORS: Record<FunctionName, AlarmText> = {
  ingest: { impact: 'No file is read: new uploads are in no report.', runbook: 'Ingest fails' },
  evaluate: { impact: 'No run is evaluated: reports stand still.', runbook: 'Evaluate fails' },
  decide: { impact: 'A program has no decision tonight.', runbook: 'Decide fails' },
  reconcile: { impact: 'The night ends at its first step: no decision.', runbook: 'Reconcile fails' },
};

export const SLOW: Record<FunctionName, AlarmText> = {
  ingest: { impact: 'Larger files will not be read.', runbook: 'Ingest near its timeout' },
  evaluate: { impact: 'Larger runs will get no report.', runbook: 'Evaluate near its timeout' },
  decide: { impact: 'Programs with more runs will get no decision.', runbook: 'Decide near its timeout' },
  reconcile: { impact: 'With more uploads the night will fail.', runbook: 'Reconcile near its timeout' },
};
