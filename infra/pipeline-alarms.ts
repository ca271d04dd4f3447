import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  ComparisonOperator,
  MathExpression,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { FunctionName, MetricName } from '../functions/platform/metrics.ts';
import { type AlarmText, BEHIND, DEAD_LETTERS, ERRORS, SLOW } from './alarm-texts.ts';
import { FIVE_MINUTES, OperatorAlarm, type OperatorAlarmProps } from './alarms.ts';
import { costOfDayOfAll } from './lambda-cost.ts';
import { OwnMetrics } from './own-metrics.ts';
import type { DeadLetterQueues, PipelineParts } from './pipeline-parts.ts';

export interface PipelineAlarmsProps extends PipelineParts {
  readonly topic: ITopic;
  /** Lambda's part of a day's bill, in USD, from which somebody should look. */
  readonly costLimitUsd?: number;
}

const HOUR = Duration.hours(1);
/** An upload that waits for longer than this is not in the reports that people look at. */
const AGE_LIMIT = Duration.hours(1);
/** A function this near its timeout fails with the next file that is a little larger. */
const TIMEOUT_SHARE = 0.8;
/** Half of what a single file may have before it is refused as a whole (REJECT_RATIO of ingest). */
const REJECTED_ROWS_PERCENT = 0.5;
const REFUSED_FILES_PERCENT = 10;
/** A day, and what a night may begin later or last longer than the one before. */
const NIGHT_HOURS = 26;
/** Two nights, with the same allowance. */
const TWO_NIGHTS_HOURS = 30;
const COST_LIMIT_USD = 10;

/** Everything that somebody is called for. One alarm, one heading of the runbook. */
export class PipelineAlarms extends Construct {
  readonly alarms: readonly Alarm[];
  private readonly made: Alarm[] = [];
  private readonly props: PipelineAlarmsProps;
  private readonly own: OwnMetrics;

  constructor(scope: Construct, id: string, props: PipelineAlarmsProps) {
    super(scope, id);
    this.props = props;
    this.own = new OwnMetrics(props.namespace);
    this.ofQueues();
    this.ofFunctions();
    this.ofNights();
    this.ofData();
    this.ofCost();
    this.alarms = this.made;
  }

  private add(id: string, props: Omit<OperatorAlarmProps, 'topic'>): void {
    this.made.push(new OperatorAlarm(this, id, { ...props, topic: this.props.topic }).alarm);
  }

  private ofQueues(): void {
    for (const [name, text] of Object.entries(DEAD_LETTERS) as [keyof DeadLetterQueues, AlarmText][])
      this.add(`DeadLetters-${name}`, {
        ...text,
        metric: this.props.deadLetters[name].metricApproximateNumberOfMessagesVisible({
          period: FIVE_MINUTES,
          statistic: Stats.MAXIMUM,
        }),
        threshold: 0,
        treatMissingData: TreatMissingData.NOT_BREACHING,
        silence: 'an unused queue reports nothing.',
      });
    for (const name of ['ingest', 'evaluate'] as const)
      this.add(`Age-${name}`, {
        ...BEHIND[name],
        metric: this.props.queues[name].metricApproximateAgeOfOldestMessage({
          period: FIVE_MINUTES,
          statistic: Stats.MAXIMUM,
        }),
        threshold: AGE_LIMIT.toSeconds(),
        evaluationPeriods: 3,
        treatMissingData: TreatMissingData.NOT_BREACHING,
        silence: 'an unused queue has no oldest message.',
      });
  }

  private ofFunctions(): void {
    const { functions } = this.props;
    for (const [name, { lambda, timeout }] of Object.entries(functions) as [
      FunctionName,
      PipelineParts['functions'][FunctionName],
    ][]) {
      this.add(`Errors-${name}`, {
        ...ERRORS[name],
        metric: lambda.metricErrors({ period: FIVE_MINUTES }),
        threshold: 0,
        evaluationPeriods: 3,
        datapointsToAlarm: name === 'ingest' || name === 'evaluate' ? 3 : 1, // a queue tries again, a night once
        treatMissingData: TreatMissingData.NOT_BREACHING,
        silence: 'a function that is not called has no errors.',
      });
      this.add(`Slow-${name}`, {
        ...SLOW[name],
        metric: lambda.metricDuration({ period: FIVE_MINUTES, statistic: Stats.MAXIMUM }),
        threshold: timeout.toMilliseconds() * TIMEOUT_SHARE,
        treatMissingData: TreatMissingData.NOT_BREACHING,
        silence: 'a function that is not called takes no time.',
      });
    }
    this.add('Throttles', {
      metric: new MathExpression({
        expression: Object.keys(functions)
          .map((name) => `FILL(${name}Throttles, 0)`)
          .join(' + '),
        usingMetrics: Object.fromEntries(
          Object.entries(functions).map(([name, { lambda }]) => [
            `${name}Throttles`,
            lambda.metricThrottles(),
          ]),
        ),
        label: 'calls refused',
        period: FIVE_MINUTES,
      }),
      threshold: 0,
      evaluationPeriods: 3,
      impact: 'Calls are refused; reports are late, and a night may fail.',
      runbook: 'Functions throttled',
      treatMissingData: TreatMissingData.NOT_BREACHING,
      silence: 'functions that are not called are not refused.',
    });
  }

  private ofNights(): void {
    const { machine } = this.props.nightly;
    this.add('NightFailed', {
      metric: new MathExpression({
        expression: 'failed + timedOut + aborted',
        usingMetrics: {
          failed: machine.metricFailed(),
          timedOut: machine.metricTimedOut(),
          aborted: machine.metricAborted(),
        },
        label: 'nights that failed',
        period: FIVE_MINUTES,
      }),
      threshold: 0,
      impact: 'No decision was made last night.',
      runbook: 'Night failed',
      treatMissingData: TreatMissingData.NOT_BREACHING,
      silence: 'between nights there is nothing to report.',
    });
    this.add('NightUnfinished', {
      metric: machine.metricSucceeded({ period: HOUR }),
      threshold: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: NIGHT_HOURS,
      impact: `No night has come to its end for ${NIGHT_HOURS} hours: decisions are old.`,
      runbook: 'Night unfinished',
      treatMissingData: TreatMissingData.BREACHING,
      silence: 'a night that never began reports nothing.',
    });
    this.add('NoDecision', {
      metric: new MathExpression({
        expression: 'IF(FILL(programs, REPEAT) > 0, FILL(decisions, 0), 1)',
        usingMetrics: {
          programs: this.own.count('reconcile', 'ProgramsLanded', HOUR),
          decisions: this.own.count('decide', 'DecisionsMade', HOUR),
        },
        label: 'decisions; 1 where there is no program',
        period: HOUR,
      }),
      threshold: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: NIGHT_HOURS,
      impact: `There are programs, and no decision for ${NIGHT_HOURS} hours.`,
      runbook: 'No decision',
      treatMissingData: TreatMissingData.BREACHING,
      silence: 'before a night has counted the programs, nobody knows that there is nothing to decide.',
    });
  }

  /** What a night counts once stands until the next night counts it again. */
  private ofNight<F extends 'decide' | 'reconcile'>(
    id: string,
    fn: F,
    metric: MetricName<F>,
    text: AlarmText,
    nights: 1 | 2 = 1,
  ): void {
    this.add(id, {
      ...text,
      metric: this.own.count(fn, metric, HOUR),
      threshold: 0,
      evaluationPeriods: nights === 1 ? NIGHT_HOURS : TWO_NIGHTS_HOURS,
      datapointsToAlarm: nights,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      silence: 'it is counted once a night; the hours between have nothing to say.',
    });
  }

  private ofData(): void {
    this.ofNight('NoFile', 'decide', 'ProgramsSilent', {
      impact: 'An active program had no new run for a day: its report is of yesterday.',
      runbook: 'No file arrived',
    });
    this.ofNight('FewerChips', 'decide', 'SidesWithFewerChips', {
      impact: 'Chips are missing from the comparison; its interval is wider, and may be biased.',
      runbook: 'Fewer chips report',
    });
    this.ofNight('StaleBaseline', 'decide', 'BaselinesStale', {
      impact: 'The baseline is older than the policy allows: the verdict is held.',
      runbook: 'Baseline is stale',
    });
    // An upload of the last minutes before a night has no receipt yet; two nights in a row are no such chance.
    const missing = { impact: 'Uploads have no receipt night after night.', runbook: 'Receipts missing' };
    this.ofNight('ReceiptsMissing', 'reconcile', 'ObjectsRequeued', missing, 2);
    this.add('RowsRejected', {
      metric: new MathExpression({
        expression: '100 * rejected / rows',
        usingMetrics: {
          rejected: this.own.count('ingest', 'RowsRejected', HOUR),
          rows: this.own.count('ingest', 'RowsRead', HOUR),
        },
        label: 'rows rejected, %',
        period: HOUR,
      }),
      threshold: REJECTED_ROWS_PERCENT,
      impact: 'Readings are missing from reports; their evidence is weaker.',
      runbook: 'Rows rejected',
      treatMissingData: TreatMissingData.NOT_BREACHING,
      silence: 'without rows there is no share of them.',
    });
    this.add('FilesRefused', {
      metric: new MathExpression({
        expression: '100 * refused / (refused + ingested)',
        usingMetrics: {
          refused: this.own.count('ingest', 'FilesRefused', HOUR),
          ingested: this.own.count('ingest', 'FilesIngested', HOUR),
        },
        label: 'files refused, %',
        period: HOUR,
      }),
      threshold: REFUSED_FILES_PERCENT,
      impact: 'Whole files are missing from reports.',
      runbook: 'Files refused',
      treatMissingData: TreatMissingData.NOT_BREACHING,
      silence: 'without files there is no share of them.',
    });
    this.add('ForgedEvents', {
      metric: new MathExpression({
        expression: 'FILL(ingestForged, 0) + FILL(evaluateForged, 0)',
        usingMetrics: {
          ingestForged: this.own.count('ingest', 'ForgedEvents', FIVE_MINUTES),
          evaluateForged: this.own.count('evaluate', 'ForgedEvents', FIVE_MINUTES),
        },
        label: 'events of another bucket or account',
        period: FIVE_MINUTES,
      }),
      threshold: 0,
      impact: 'None on reports: they were refused. Somebody who should not can write to a queue.',
      runbook: 'Forged events',
      treatMissingData: TreatMissingData.NOT_BREACHING,
      silence: 'functions that are not called are sent nothing.',
    });
  }

  private ofCost(): void {
    const { functions, costLimitUsd = COST_LIMIT_USD } = this.props;
    const lambdas = Object.fromEntries(Object.entries(functions).map(([name, { lambda }]) => [name, lambda]));
    this.add('CostOfDay', {
      metric: costOfDayOfAll(lambdas),
      threshold: costLimitUsd,
      impact: `Lambda costs more than ${costLimitUsd} USD a day.`,
      runbook: 'Cost of the day',
      treatMissingData: TreatMissingData.NOT_BREACHING,
      silence: 'functions that are not called cost nothing.',
    });
  }
}
