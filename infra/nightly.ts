import { type CfnElement, Duration, RemovalPolicy, Stack, TimeZone, Validations } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Schedule, ScheduleExpression, ScheduleTargetInput, TimeWindow } from 'aws-cdk-lib/aws-scheduler';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-scheduler-targets';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import {
  DefinitionBody,
  JsonPath,
  LogLevel,
  Map as MapState,
  StateMachine,
  TaskInput,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';

export interface NightlyProps {
  readonly reconcile: IFunction;
  readonly evaluate: IFunction;
  readonly decide: IFunction;
}

/** 02:00 UTC: after the day's uploads, before anybody's morning. */
const HOUR_UTC = '2';
const WINDOW = Duration.minutes(15);
const RUNS_AT_ONCE = 10;
const PROGRAMS_AT_ONCE = 4;
const LIMIT = Duration.hours(6);

/** Every night: reconcile, evaluate what is stale, decide every program. */
export class Nightly extends Construct {
  readonly machine: StateMachine;
  readonly undelivered: Queue;

  constructor(scope: Construct, id: string, props: NightlyProps) {
    super(scope, id);
    const reconcile = new LambdaInvoke(this, 'Reconcile', {
      lambdaFunction: props.reconcile,
      payload: TaskInput.fromObject({ startTime: JsonPath.executionStartTime }),
      payloadResponseOnly: true,
    });
    const evaluate = new MapState(this, 'EvaluateStaleRuns', {
      itemsPath: '$.runs',
      resultPath: JsonPath.DISCARD,
      maxConcurrency: RUNS_AT_ONCE,
    });
    evaluate.itemProcessor(
      new LambdaInvoke(this, 'EvaluateRun', { lambdaFunction: props.evaluate, payloadResponseOnly: true }),
    );
    const decide = new MapState(this, 'DecidePrograms', {
      itemsPath: '$.programs',
      itemSelector: { 'program.$': '$$.Map.Item.Value.program', 'date.$': '$.date' },
      maxConcurrency: PROGRAMS_AT_ONCE,
    });
    decide.itemProcessor(
      new LambdaInvoke(this, 'DecideProgram', { lambdaFunction: props.decide, payloadResponseOnly: true }),
    );
    const logs = new LogGroup(this, 'Log', {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.machine = new StateMachine(this, 'Machine', {
      definitionBody: DefinitionBody.fromChainable(reconcile.next(evaluate).next(decide)),
      timeout: LIMIT,
      tracingEnabled: true,
      logs: { destination: logs, level: LogLevel.ALL, includeExecutionData: false },
    });
    this.undelivered = new Queue(this, 'Undelivered', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(this.undelivered).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is the dead-letter queue of the schedule; an alarm watches it.',
    });
    const { machine } = this;
    for (const fn of [props.reconcile, props.evaluate, props.decide]) {
      const name = Stack.of(this).getLogicalId(fn.node.defaultChild as CfnElement);
      Validations.of(machine.role).acknowledge({
        id: `AwsSolutions-IAM5[Resource::<${name}.Arn>:*]`,
        reason: 'Versions of one function, as the task grants it.',
      });
    }
    Validations.of(machine.role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'X-Ray and the delivery of logs know these actions for all resources only.',
    });
    new Schedule(this, 'Schedule', {
      schedule: ScheduleExpression.cron({ hour: HOUR_UTC, minute: '0', timeZone: TimeZone.ETC_UTC }),
      timeWindow: TimeWindow.flexible(WINDOW),
      target: new StepFunctionsStartExecution(this.machine, {
        input: ScheduleTargetInput.fromObject({}),
        deadLetterQueue: this.undelivered,
        maxEventAge: Duration.hours(6),
        retryAttempts: 10,
      }),
    });
  }
}
