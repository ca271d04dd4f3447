import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, type TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';

export interface OperatorAlarmProps {
  readonly metric: IMetric;
  readonly threshold: number;
  readonly evaluationPeriods?: number;
  /** What it means for the people who read reports. */
  readonly impact: string;
  /** Heading in docs/runbook.md. */
  readonly runbook: string;
  /** Explicit, with its reason in the call: silence means different things for different metrics. */
  readonly treatMissingData: TreatMissingData;
}

/** An alarm that says whom it hurts and what to do. */
export class OperatorAlarm extends Construct {
  readonly alarm: Alarm;

  constructor(scope: Construct, id: string, props: OperatorAlarmProps) {
    super(scope, id);
    const { impact, runbook, evaluationPeriods = 1, ...rest } = props;
    this.alarm = new Alarm(this, 'Alarm', {
      ...rest,
      evaluationPeriods,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      alarmDescription: `Impact: ${impact} Runbook: docs/runbook.md, "${runbook}".`,
    });
  }
}

export const FIVE_MINUTES = Duration.minutes(5);
