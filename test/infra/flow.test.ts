import { Match } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, test } from 'vitest';
import { Deployment } from './deployment.ts';

interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly Retry?: readonly { readonly ErrorEquals: readonly string[] }[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
  readonly Parameters?: Readonly<Record<string, unknown>>;
  readonly ItemProcessor?: Machine & { readonly ProcessorConfig: Readonly<Record<string, string>> };
  readonly [field: string]: unknown;
}
interface Machine {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

let deployment: Deployment;
let machine: Machine;

beforeAll(() => {
  deployment = new Deployment();
  const [definition] = deployment.ofType('AWS::StepFunctions::StateMachine').map((r) => {
    const [glue, parts] = (r.Properties.DefinitionString as { 'Fn::Join': [string, unknown[]] })['Fn::Join'];
    return parts
      .map((p) =>
        typeof p === 'string'
          ? p
          : Object.values(p as object)
              .flat()
              .join('.'),
      )
      .join(glue);
  });
  machine = JSON.parse(definition as string) as Machine;
});

const state = (name: string): State => machine.States[name] as State;

describe('buckets', () => {
  test('of input and lake tell EventBridge, by a property and no custom resource', () => {
    const telling = Object.entries(deployment.resources).filter(
      ([, r]) => r.Type === 'AWS::S3::Bucket' && 'NotificationConfiguration' in r.Properties,
    );
    expect(telling.map(([id]) => id.replace(/[0-9A-F]{8}$/, '')).sort()).toEqual([
      'BucketsLake',
      'BucketsLanding',
    ]);
    for (const [, { Properties }] of telling)
      expect(Properties.NotificationConfiguration).toEqual({
        EventBridgeConfiguration: { EventBridgeEnabled: true },
      });
    expect(Object.values(deployment.resources).filter((r) => r.Type.startsWith('Custom::'))).toEqual([]);
  });
});

describe('rules', () => {
  test('pass uploads of this account and bucket, of the form of a run’s file', () => {
    const landing = deployment.idOf('AWS::S3::Bucket', 'BucketsLanding');
    deployment.template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        account: [{ Ref: 'AWS::AccountId' }],
        detail: {
          bucket: { name: [{ Ref: landing }] },
          object: {
            $or: [
              { key: [{ wildcard: '*/*/*' }], size: [{ numeric: ['>', 0] }] },
              { key: [{ wildcard: '*/*/*.*' }], size: [0] },
            ],
          },
        },
      },
    });
  });
  test('pass receipts of the lake, and nothing else of it', () => {
    const lake = deployment.idOf('AWS::S3::Bucket', 'BucketsLake');
    deployment.template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        account: [{ Ref: 'AWS::AccountId' }],
        detail: {
          bucket: { name: [{ Ref: lake }] },
          object: { key: [{ prefix: 'receipts/' }], size: [{ numeric: ['>', 0] }] },
        },
      },
    });
  });
  test('keep what they cannot deliver, after a day of trying', () => {
    const rules = deployment.ofType('AWS::Events::Rule');
    expect(rules).toHaveLength(3);
    for (const { Properties } of rules)
      expect(Properties.Targets).toMatchObject([
        {
          DeadLetterConfig: { Arn: expect.anything() },
          RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
        },
      ]);
  });
});

describe('queues', () => {
  test('hide a message for six timeouts of their function, and give up after five', () => {
    const mappings = deployment.ofType('AWS::Lambda::EventSourceMapping');
    expect(mappings).toHaveLength(2);
    for (const { Properties } of mappings) {
      const fn = deployment.resources[(Properties.FunctionName as { Ref: string }).Ref];
      const [queueId] = (Properties.EventSourceArn as { 'Fn::GetAtt': [string] })['Fn::GetAtt'];
      const queue = deployment.resources[queueId]?.Properties as {
        VisibilityTimeout: number;
        RedrivePolicy: { maxReceiveCount: number; deadLetterTargetArn: { 'Fn::GetAtt': [string] } };
      };
      expect(queue.VisibilityTimeout).toBeGreaterThanOrEqual(6 * (fn?.Properties.Timeout as number));
      expect(queue.RedrivePolicy.maxReceiveCount).toBe(5);
      const dead = deployment.resources[queue.RedrivePolicy.deadLetterTargetArn['Fn::GetAtt'][0]];
      expect(dead?.Properties.MessageRetentionPeriod).toBe(14 * 86_400);
    }
  });
  test('feed functions that answer record by record, bounded by the mapping and not by reserved concurrency', () => {
    deployment.template.allResourcesProperties('AWS::Lambda::EventSourceMapping', {
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: Match.anyValue() },
    });
    deployment.template.allResourcesProperties('AWS::Lambda::Function', {
      ReservedConcurrentExecutions: Match.absent(),
    });
  });
  test('gather a burst of receipts for longer than uploads', () => {
    const [evaluate, ingest] = deployment
      .ofType('AWS::Lambda::EventSourceMapping')
      .map((m) => m.Properties as { BatchSize: number; MaximumBatchingWindowInSeconds: number })
      .sort((a, b) => b.BatchSize - a.BatchSize);
    expect(evaluate).toMatchObject({ BatchSize: 100, MaximumBatchingWindowInSeconds: 20 });
    expect(ingest).toMatchObject({ BatchSize: 10, MaximumBatchingWindowInSeconds: 5 });
  });
});

describe('the night', () => {
  test('begins by a schedule in UTC, within a window, tried again, with dead letters', () => {
    const nightly = deployment.ofType('AWS::Scheduler::Schedule').map((s) => s.Properties);
    expect(nightly).toHaveLength(2);
    for (const properties of nightly)
      expect(properties).toMatchObject({
        ScheduleExpressionTimezone: 'Etc/UTC',
        FlexibleTimeWindow: { Mode: 'FLEXIBLE' },
        Target: {
          DeadLetterConfig: expect.anything(),
          RetryPolicy: { MaximumRetryAttempts: expect.any(Number) },
        },
      });
    deployment.template.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'cron(0 2 * * ? *)',
      FlexibleTimeWindow: { MaximumWindowInMinutes: 15 },
      Target: { Input: '{}' },
    });
  });
  test('hands its start and its input to reconcile, which says what follows', () => {
    expect(machine.StartAt).toBe('Reconcile');
    expect(state('Reconcile').Parameters).toEqual({
      'startTime.$': '$$.Execution.StartTime',
      'input.$': '$',
    });
    expect(state('Reconcile').Next).toBe('IsAnyRun');
    expect(state('IsAnyRun')).toMatchObject({
      Choices: [{ Variable: '$.runCount', NumericGreaterThan: 0, Next: 'EvaluateRuns' }],
      Default: 'DecidePrograms',
    });
  });
  test('maps over lines in the lake, as many at a time as reconcile says, with results beside them', () => {
    const lake = deployment.idOf('AWS::S3::Bucket', 'BucketsLake');
    expect(state('EvaluateRuns')).toMatchObject({
      MaxConcurrencyPath: '$.runsAtOnce',
      ToleratedFailurePercentage: 20,
      ItemReader: {
        ReaderConfig: { InputType: 'JSONL' },
        Parameters: { Bucket: lake, 'Key.$': '$.runsKey' },
      },
      ResultWriter: { Parameters: { Bucket: lake, 'Prefix.$': '$.resultsPrefix' } },
      ResultPath: null,
      Next: 'DecidePrograms',
    });
    // An express execution ends after five minutes; evaluate alone may take as long.
    expect(state('EvaluateRuns').ItemProcessor?.ProcessorConfig).toEqual({
      Mode: 'DISTRIBUTED',
      ExecutionType: 'STANDARD',
    });
  });
  test('tries what is transient again everywhere, and passes over a run that is wrong in itself', () => {
    const run = state('EvaluateRuns').ItemProcessor?.States.EvaluateRun;
    const program = state('DecidePrograms').ItemProcessor?.States.DecideProgram;
    for (const step of [state('Reconcile'), run, program])
      expect(step?.Retry?.flatMap((r) => r.ErrorEquals)).toEqual(
        expect.arrayContaining([
          'Wattline.Transient',
          'Lambda.TooManyRequestsException',
          'Lambda.ServiceException',
        ]),
      );
    expect(run?.Catch).toEqual([{ ErrorEquals: ['Wattline.Permanent'], Next: 'RunRefused' }]);
    expect(program?.Catch).toBeUndefined();
  });
  test('may read and write the lists and results of nights alone', () => {
    const role = deployment.idOf('AWS::IAM::Role', 'NightlyMachineRole');
    const s3 = deployment.rightsOf(role).filter((s) => JSON.stringify(s.Action).includes('s3:'));
    expect(s3.length).toBeGreaterThan(0);
    for (const { Resource } of s3) expect(JSON.stringify(Resource)).toMatch(/"\/nights\/\*"/);
  });
});

describe('verdicts', () => {
  test('go from the bus to the topic in a sentence', () => {
    deployment.template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['wattline'],
        'detail-type': ['Wattline Verdict Changed'],
        account: [{ Ref: 'AWS::AccountId' }],
      },
      Targets: [
        {
          InputTransformer: {
            InputPathsMap: Match.objectLike({
              'detail-program': '$.detail.program',
              'detail-from': '$.detail.from',
              'detail-to': '$.detail.to',
            }),
            InputTemplate: Match.stringLikeRegexp('the verdict of program <detail-program> is <detail-to>'),
          },
        },
      ],
    });
  });
  test('may be put on the bus by decide alone, in Wattline’s name alone', () => {
    const putting = Object.keys(deployment.resources)
      .filter((id) => deployment.resources[id]?.Type === 'AWS::IAM::Role')
      .filter((id) => JSON.stringify(deployment.rightsOf(id)).includes('events:PutEvents'));
    expect(putting).toEqual([deployment.idOf('AWS::IAM::Role', 'WorkersDecideRole')]);
    const [put] = deployment.rightsOf(putting[0] as string).filter((s) => s.Action === 'events:PutEvents');
    expect(put?.Condition).toEqual({
      StringEquals: { 'events:source': 'wattline', 'events:detail-type': 'Wattline Verdict Changed' },
    });
  });
});

describe('the weekly job', () => {
  test('is given the time that it was due at', () => {
    deployment.template.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'cron(0 5 ? * SUN *)',
      Target: { Input: '{"startTime":"<aws.scheduler.scheduled-time>"}' },
    });
  });
  test('may delete what receipts vouch for, and no conclusion', () => {
    const deleting = Object.keys(deployment.resources)
      .filter((id) => deployment.resources[id]?.Type === 'AWS::IAM::Role')
      .flatMap((id) => deployment.rightsOf(id).map((s) => ({ id, s })))
      .filter(({ s }) => JSON.stringify(s.Action).includes('s3:Delete'));
    expect(deleting).toHaveLength(1);
    expect(deleting[0]?.id).toMatch(/^WeeklyWorkerRole/);
    const paths = [...JSON.stringify(deleting[0]?.s.Resource).matchAll(/"\/([a-z]+)\/\*"/g)].map((m) => m[1]);
    expect(paths.sort()).toEqual(['progress', 'quarantine', 'receipts', 'segments']);
  });
});
