import { type Alarm, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { FIVE_MINUTES, OperatorAlarm } from './alarms.ts';
import type { VerdictChannel } from './verdict-channel.ts';
import type { Weekly } from './weekly.ts';

export interface WeeklyAlarmsProps {
  readonly weekly: Weekly;
  readonly verdicts: VerdictChannel;
  readonly topic: ITopic;
}

const waiting = (queue: Queue) =>
  queue.metricApproximateNumberOfMessagesVisible({ period: FIVE_MINUTES, statistic: Stats.MAXIMUM });

/** What stands beside the pipeline: the weekly job, and messages of verdicts. */
export class WeeklyAlarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, { weekly, verdicts, topic }: WeeklyAlarmsProps) {
    super(scope, id);
    const common = { threshold: 0, treatMissingData: TreatMissingData.NOT_BREACHING, topic };
    const made = [
      new OperatorAlarm(this, 'WeeklyFails', {
        ...common,
        metric: weekly.fn.lambda.metricErrors({ period: FIVE_MINUTES }),
        impact: 'None on reports: what is no longer needed stays, and the week is not summed up.',
        runbook: 'Weekly job fails',
        silence: 'a function that is not called has no errors.',
      }),
      new OperatorAlarm(this, 'WeeklyUndelivered', {
        ...common,
        metric: waiting(weekly.undelivered),
        impact: 'A weekly job was not run: what is no longer needed stays, and the week is not summed up.',
        runbook: 'Weekly job not started',
        silence: 'an unused queue reports nothing.',
      }),
      new OperatorAlarm(this, 'VerdictsUndelivered', {
        ...common,
        metric: waiting(verdicts.undelivered),
        impact: 'A verdict changed and its subscribers were not told; the report is right.',
        runbook: 'Verdict not announced',
        silence: 'an unused queue reports nothing.',
      }),
    ];
    this.alarms = made.map(({ alarm }) => alarm);
  }
}
