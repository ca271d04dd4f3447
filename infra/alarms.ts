import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, type TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

export interface OperatorAlarmProps {
  readonly metric: IMetric;
  readonly threshold: number;
  readonly evaluationPeriods?: number;
  /** Of the evaluation periods, how many have to breach; all of them where it is absent. */
  readonly datapointsToAlarm?: number;
  /** Greater than the threshold where it is absent. */
  readonly comparisonOperator?: ComparisonOperator;
  /** What it means for the people who read reports. */
  readonly impact: string;
  /** Heading in docs/runbook.md, which no other alarm has. */
  readonly runbook: string;
  /** Explicit, with its reason: silence means different things for different metrics. */
  readonly treatMissingData: TreatMissingData;
  readonly silence: string;
  /** Hears of it when it goes off, and when it is over. */
  readonly topic: ITopic;
}

/** An alarm that says whom it hurts, what to do, and what it makes of silence. */
export class OperatorAlarm extends Construct {
  readonly alarm: Alarm;

  constructor(scope: Construct, id: string, props: OperatorAlarmProps) {
    super(scope, id);
    const { impact, runbook, silence, topic, evaluationPeriods = 1, ...rest } = props;
    this.alarm = new Alarm(this, 'Alarm', {
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      ...rest,
      evaluationPeriods,
      alarmName: `${Stack.of(this).stackName}: ${runbook}`,
      alarmDescription: `Impact: ${impact} No data: ${silence} Runbook: docs/runbook.md, "${runbook}".`,
    });
    this.alarm.addAlarmAction(new SnsAction(topic));
    this.alarm.addOkAction(new SnsAction(topic));
  }
}

export const FIVE_MINUTES = Duration.minutes(5);
