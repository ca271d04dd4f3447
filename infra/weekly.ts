import { Duration, Stack, TimeZone, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { CfnFunction, IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import {
  ContextAttribute,
  Schedule,
  ScheduleExpression,
  ScheduleTargetInput,
  TimeWindow,
} from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { DeployedFunctions, WeeklyEnvironment } from '../functions/weekly/environment.ts';
import { list, read, remove, write } from './access.ts';
import { type FunctionSettings, MonitoredFunction } from './monitored-function.ts';
import { deadLetterQueue } from './queues.ts';
import type { Stage } from './stage.ts';

export interface WeeklyProps {
  readonly landing: Bucket;
  readonly lake: Bucket;
  readonly reports: Bucket;
  /** Functions whose use the report sums. */
  readonly functions: Readonly<Record<string, IFunction>>;
  readonly stage: Pick<Stage, 'night' | 'schedule'>;
  readonly settings: FunctionSettings;
}

const TIMEOUT = Duration.minutes(15);
const WINDOW = Duration.hours(1);
/** What a receipt vouches for, and the list of what none vouched for. */
const SWEPT = ['receipts/', 'segments/', 'progress/', 'quarantine/'];

/** Once a week: what belongs to no upload any more is removed, and what the week took is written down. */
export class Weekly extends Construct {
  readonly fn: MonitoredFunction<WeeklyEnvironment>;
  readonly undelivered: Queue;

  constructor(scope: Construct, id: string, props: WeeklyProps) {
    super(scope, id);
    const { landing, lake, reports, stage, settings } = props;
    this.fn = new MonitoredFunction<WeeklyEnvironment>(this, 'Worker', {
      settings,
      name: 'weekly',
      memoryMb: stage.night.memoryMb,
      timeout: TIMEOUT,
      environment: {
        LANDING_BUCKET: landing.bucketName,
        LAKE_BUCKET: lake.bucketName,
        REPORTS_BUCKET: reports.bucketName,
        FUNCTIONS: Stack.of(this).toJsonString(deployed(props.functions)),
        ACCOUNT_ID: Stack.of(this).account,
      },
      statements: [
        list(landing, lake, reports),
        read(landing), // a listing names no versions; the head of each object does
        read(lake),
        remove(lake, ...SWEPT),
        write(lake, 'weekly/'),
        read(reports),
        write(reports, 'weekly/'),
        new PolicyStatement({ actions: ['cloudwatch:GetMetricData'], resources: ['*'] }),
      ],
    });
    for (const id of ['AwsSolutions-IAM5[Resource::*]', 'Serverless-LambdaStarPermissions'])
      Validations.of(this.fn.role).acknowledge({
        id,
        reason: 'Reading metrics is known for all of an account only; it changes nothing.',
      });
    this.undelivered = deadLetterQueue(this, 'Undelivered', 'the weekly schedule');
    const { weeklyDay, weeklyHourUtc } = stage.schedule;
    new Schedule(this, 'Schedule', {
      schedule: ScheduleExpression.cron({
        weekDay: weeklyDay,
        hour: String(weeklyHourUtc),
        minute: '0',
        timeZone: TimeZone.ETC_UTC,
      }),
      timeWindow: TimeWindow.flexible(WINDOW),
      target: new LambdaInvoke(this.fn.lambda, {
        input: ScheduleTargetInput.fromObject({ startTime: ContextAttribute.scheduledTime }),
        deadLetterQueue: this.undelivered,
        maxEventAge: Duration.hours(24),
        retryAttempts: 5,
      }),
    });
    this.acknowledgeSchedule();
  }

  /** The role that the schedule calls with belongs to the stack, one for each function that is called. */
  private acknowledgeSchedule(): void {
    const stack = Stack.of(this);
    const name = stack.getLogicalId(this.fn.lambda.node.defaultChild as CfnFunction);
    for (const role of stack.node.children.filter((c) => c.node.id.startsWith('SchedulerRoleForTarget')))
      Validations.of(role).acknowledge({
        id: `AwsSolutions-IAM5[Resource::<${name}.Arn>:*]`,
        reason: 'Versions of one function, as the target grants it.',
      });
  }
}

const deployed = (functions: Readonly<Record<string, IFunction>>): DeployedFunctions =>
  Object.fromEntries(
    Object.entries(functions).map(([name, fn]) => [
      name,
      {
        functionName: fn.functionName,
        memoryMb: (fn.node.defaultChild as CfnFunction).memorySize as number,
      },
    ]),
  );
