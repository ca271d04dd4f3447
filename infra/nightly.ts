import { type CfnElement, Duration, RemovalPolicy, Stack, TimeZone, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Schedule, ScheduleExpression, ScheduleTargetInput, TimeWindow } from 'aws-cdk-lib/aws-scheduler';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-scheduler-targets';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import {
  Choice,
  Condition,
  DefinitionBody,
  DistributedMap,
  type IChainable,
  JsonPath,
  LogLevel,
  Map as MapState,
  Pass,
  ResultWriterV2,
  S3JsonLItemReader,
  StateMachine,
  StateMachineType,
  TaskInput,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import { STEP_ERRORS } from '../functions/platform/step-errors.ts';
import { NIGHTS_PREFIX } from '../functions/reconcile/night-runs.ts';
import { acknowledgeObjectPaths, read, useKey } from './access.ts';
import type { FunctionSettings } from './monitored-function.ts';
import { deadLetterQueue } from './queues.ts';
import type { Stage } from './stage.ts';

export interface NightlyProps {
  readonly reconcile: IFunction;
  readonly evaluate: IFunction;
  readonly decide: IFunction;
  readonly lake: Bucket;
  readonly stage: Pick<Stage, 'night' | 'schedule'>;
  readonly settings: FunctionSettings;
}

const MAP_LABEL = 'EvaluateRuns';
const WINDOW = Duration.minutes(15);
const LIMIT = Duration.hours(6);
/** Lambda is throttled or S3 slow for minutes at a time: 10 s, 20 s, 40 s, 80 s. */
const RETRY = { interval: Duration.seconds(10), backoffRate: 2, maxAttempts: 4 } as const;
const RETRIED = [STEP_ERRORS.transient, 'Lambda.TooManyRequestsException'];

/** CDK would let the machine read the whole lake. */
class NightRunsReader extends S3JsonLItemReader {
  override providePolicyStatements(): PolicyStatement[] {
    return [read(this.bucket as Bucket, NIGHTS_PREFIX)];
  }
}

/** And write all of it. */
class NightResultsWriter extends ResultWriterV2 {
  override providePolicyStatements(): PolicyStatement[] {
    return [writeResults(this.bucket as Bucket)];
  }
}

/** What the map needs to write its results, which come in parts. */
const writeResults = (lake: Bucket): PolicyStatement =>
  new PolicyStatement({
    actions: ['s3:PutObject', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:AbortMultipartUpload'],
    resources: [lake.arnForObjects(`${NIGHTS_PREFIX}*`)],
  });

/**
 * Every night: reconcile, evaluate what is stale, decide every program. The same machine replays runs of a prefix or
 * a time, started by hand with that as its input (docs/runbook.md, "Replay").
 */
export class Nightly extends Construct {
  readonly machine: StateMachine;
  readonly undelivered: Queue;

  constructor(scope: Construct, id: string, props: NightlyProps) {
    super(scope, id);
    const reconcile = this.call('Reconcile', props.reconcile, {
      payload: TaskInput.fromObject({
        startTime: JsonPath.executionStartTime,
        input: JsonPath.entirePayload,
      }),
    });
    const decide = this.decidePrograms(props);
    const evaluate = this.evaluateRuns(props).next(decide);
    // A map over an empty file has nothing to say for itself.
    const isAnyRun = new Choice(this, 'IsAnyRun')
      .when(Condition.numberGreaterThan('$.runCount', 0), evaluate)
      .otherwise(decide);
    const logs = new LogGroup(this, 'Log', {
      retention: props.settings.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.machine = new StateMachine(this, 'Machine', {
      definitionBody: DefinitionBody.fromChainable(reconcile.next(isAnyRun)),
      timeout: LIMIT,
      tracingEnabled: true,
      logs: { destination: logs, level: LogLevel.ALL, includeExecutionData: false },
    });
    if (props.settings.key) this.machine.addToRolePolicy(useKey(props.settings.key));
    this.acknowledge(props);
    this.undelivered = deadLetterQueue(this, 'Undelivered', 'the schedule of the night');
    const { nightHourUtc } = props.stage.schedule;
    new Schedule(this, 'Schedule', {
      schedule: ScheduleExpression.cron({
        hour: String(nightHourUtc),
        minute: '0',
        timeZone: TimeZone.ETC_UTC,
      }),
      timeWindow: TimeWindow.flexible(WINDOW),
      target: new StepFunctionsStartExecution(this.machine, {
        input: ScheduleTargetInput.fromObject({}),
        deadLetterQueue: this.undelivered,
        maxEventAge: Duration.hours(6),
        retryAttempts: 10,
      }),
    });
  }

  private call(id: string, lambdaFunction: IFunction, rest: { readonly payload?: TaskInput } = {}) {
    const step = new LambdaInvoke(this, id, {
      lambdaFunction,
      payloadResponseOnly: true,
      retryOnServiceExceptions: true,
      ...rest,
    });
    return step.addRetry({ errors: RETRIED, ...RETRY });
  }

  /** A child execution a run, of the standard type: an express one ends after five minutes, retries included. */
  private evaluateRuns({ evaluate, lake, stage }: NightlyProps): DistributedMap {
    const map = new DistributedMap(this, 'EvaluateRuns', {
      mapExecutionType: StateMachineType.STANDARD,
      label: MAP_LABEL,
      itemReader: new NightRunsReader({ bucket: lake, key: JsonPath.stringAt('$.runsKey') }),
      resultWriterV2: new NightResultsWriter({ bucket: lake, prefix: JsonPath.stringAt('$.resultsPrefix') }),
      resultPath: JsonPath.DISCARD,
      maxConcurrencyPath: '$.runsAtOnce',
      toleratedFailurePercentage: stage.night.toleratedFailurePercent,
    });
    // What is wrong with a run itself stays wrong; it must not use up what the night tolerates, every night.
    const refused = new Pass(this, 'RunRefused', { comment: 'the log and the map’s results say why' });
    const run: IChainable = this.call('EvaluateRun', evaluate).addCatch(refused, {
      errors: [STEP_ERRORS.permanent],
    });
    map.itemProcessor(run);
    return map;
  }

  private decidePrograms({ decide, stage }: NightlyProps): MapState {
    const map = new MapState(this, 'DecidePrograms', {
      itemsPath: '$.programs',
      itemSelector: { 'program.$': '$$.Map.Item.Value.program', 'date.$': '$.date' },
      resultPath: JsonPath.DISCARD,
      maxConcurrency: stage.night.programsAtOnce,
    });
    map.itemProcessor(this.call('DecideProgram', decide));
    return map;
  }

  private acknowledge({ reconcile, evaluate, decide, lake }: NightlyProps): void {
    const { machine } = this;
    const nameOf = (element: unknown): string => Stack.of(this).getLogicalId(element as CfnElement);
    for (const fn of [reconcile, evaluate, decide])
      Validations.of(machine.role).acknowledge({
        id: `AwsSolutions-IAM5[Resource::<${nameOf(fn.node.defaultChild)}.Arn>:*]`,
        reason: 'Versions of one function, as the task grants it.',
      });
    Validations.of(machine.role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'X-Ray and the delivery of logs know these actions for all resources only.',
    });
    const self = `{"Fn::Select":[6,{"Fn::Split":[":",{"Ref":"${nameOf(machine.node.defaultChild)}"}]}]}`;
    for (const path of ['', `/${MAP_LABEL}`])
      Validations.of(machine).acknowledge({
        id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:${self}${path}:*]`,
        reason: 'The executions of this machine’s own map.',
      });
    acknowledgeObjectPaths(machine.role, [writeResults(lake)]);
  }
}
