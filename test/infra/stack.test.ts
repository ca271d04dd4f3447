import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, test } from 'vitest';
import cdk from '../../cdk.json' with { type: 'json' };
import { WattlineStack } from '../../infra/wattline-stack.ts';

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, never>;
}

let template: Template;
let resources: Record<string, Resource>;
const ofType = (type: string): Resource[] => Object.values(resources).filter((r) => r.Type === type);

beforeAll(() => {
  const app = new App({ context: { ...cdk.context, 'aws:cdk:bundling-stacks': [] } });
  template = Template.fromStack(new WattlineStack(app, 'Wattline'));
  resources = (template.toJSON() as { Resources: Record<string, Resource> }).Resources;
});

describe('buckets', () => {
  test('are closed, versioned where they hold data, and speak TLS 1.2 alone', () => {
    template.resourceCountIs('AWS::S3::Bucket', 4);
    template.allResourcesProperties('AWS::S3::Bucket', {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    expect(ofType('AWS::S3::Bucket').filter((b) => 'VersioningConfiguration' in b.Properties)).toHaveLength(
      3,
    );
    for (const policy of ofType('AWS::S3::BucketPolicy'))
      expect(JSON.stringify(policy)).toMatch(
        /aws:SecureTransport.*s3:TlsVersion|s3:TlsVersion.*aws:SecureTransport/,
      );
  });
  test('tell EventBridge without a custom resource, reports apart', () => {
    expect(ofType('AWS::S3::Bucket').filter((b) => 'NotificationConfiguration' in b.Properties)).toHaveLength(
      2,
    );
    expect(Object.values(resources).filter((r) => r.Type.startsWith('Custom::'))).toEqual([]);
    template.resourceCountIs('AWS::Lambda::Function', 4);
  });
});

describe('queues', () => {
  test('have dead letters, encryption and TLS, and hide messages for six timeouts', () => {
    for (const queue of ofType('AWS::SQS::Queue'))
      expect(queue.Properties).toMatchObject({ SqsManagedSseEnabled: true });
    template.hasResourceProperties('AWS::SQS::Queue', {
      VisibilityTimeout: 6 * 300,
      RedrivePolicy: Match.objectLike({ maxReceiveCount: 5 }),
    });
    expect(ofType('AWS::SQS::Queue').filter((q) => 'RedrivePolicy' in q.Properties)).toHaveLength(2);
  });
  test('feed functions that answer record by record, with a bound on how many work', () => {
    template.allResourcesProperties('AWS::Lambda::EventSourceMapping', {
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: Match.anyValue() },
    });
  });
  test('get events of this account and bucket; the lake those of receipts alone', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.s3'],
        account: Match.anyValue(),
        detail: { object: { key: [{ prefix: 'receipts/' }] } },
      },
    });
    for (const rule of ofType('AWS::Events::Rule'))
      expect(JSON.stringify(rule.Properties)).toMatch(/DeadLetterConfig/);
  });
});

describe('functions', () => {
  test('run Node 24 on arm64, without reserved concurrency', () => {
    template.allResourcesProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      ReservedConcurrentExecutions: Match.absent(),
    });
  });
  test('have a role each, with no action and no resource left open', () => {
    const roles = ofType('AWS::IAM::Role').filter((r) => JSON.stringify(r).includes('lambda.amazonaws.com'));
    expect(roles).toHaveLength(4);
    for (const role of roles) {
      expect(role.Properties).not.toHaveProperty('ManagedPolicyArns');
      const text = JSON.stringify(role.Properties);
      expect(text).not.toMatch(/"Action":"?[^"]*\*|"Resource":"\*"/);
    }
  });
  test('never write to the bucket that triggers them', () => {
    const landing = Object.keys(resources).find(
      (id) => id.startsWith('BucketsLanding') && resources[id]?.Type === 'AWS::S3::Bucket',
    ) as string;
    for (const role of ofType('AWS::IAM::Role')) {
      const policies =
        (
          role.Properties as {
            Policies?: { PolicyDocument: { Statement: { Action: unknown; Resource: unknown }[] } }[];
          }
        ).Policies ?? [];
      const writes = policies
        .flatMap((p) => p.PolicyDocument.Statement)
        .filter((s) => JSON.stringify(s.Action).includes('s3:PutObject'));
      for (const statement of writes) expect(JSON.stringify(statement.Resource)).not.toContain(landing);
    }
  });
});

describe('what an operator sees', () => {
  test('the night runs by a schedule in UTC with dead letters', () => {
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpressionTimezone: 'Etc/UTC',
      FlexibleTimeWindow: { Mode: 'FLEXIBLE' },
      Target: { DeadLetterConfig: Match.anyValue() },
    });
  });
});
