import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { ENVIRONMENTS, FUNCTIONS } from '../faults/environments.ts';
import { Deployment } from './deployment.ts';

interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: properties of CloudFormation have no types
  readonly Properties: Record<string, any>;
}
const { template, resources: typed } = new Deployment();
const resources = typed as Readonly<Record<string, Resource>>;

const ofType = (type: string): [string, Resource][] =>
  Object.entries(resources).filter(([, r]) => r.Type === type);
/** Object rules, by the prefix of their logical id. */
const ruleOf = (id: string): Resource['Properties'] => {
  const [, rule] = ofType('AWS::Events::Rule').find(([name]) => name.includes(id)) ?? [];
  if (!rule) throw new Error(`no rule ${id}`);
  return rule.Properties;
};

describe('what is fed to functions', () => {
  test('fault 11: the rule leaves out folder markers, and not empty files that have a name', () => {
    const patterns = ruleOf('Ingest').EventPattern.detail.object.$or;
    expect(patterns).toContainEqual({ key: [{ wildcard: '*/*/*' }], size: [{ numeric: ['>', 0] }] });
    expect(patterns).toContainEqual({ key: [{ wildcard: '*/*/*.*' }], size: [0] });
  });

  test('fault 30: an upload that its producer abandons tells nobody, and is ended after seven days', () => {
    for (const name of ['Ingest', 'Evaluate'])
      expect(ruleOf(name).EventPattern['detail-type']).toEqual(['Object Created']);
    const versioned = ofType('AWS::S3::Bucket').filter(([, b]) => 'VersioningConfiguration' in b.Properties);
    expect(versioned).toHaveLength(3);
    for (const [, bucket] of versioned)
      expect(bucket.Properties.LifecycleConfiguration.Rules).toContainEqual(
        expect.objectContaining({
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
          Status: 'Enabled',
        }),
      );
  });

  test('fault 32: queues hold back a burst: a bound on their mappings, none on the functions', () => {
    expect(ofType('AWS::Lambda::EventSourceMapping')).toHaveLength(2);
    template.allResourcesProperties('AWS::Lambda::EventSourceMapping', {
      ScalingConfig: { MaximumConcurrency: Match.anyValue() },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    template.allResourcesProperties('AWS::Lambda::Function', {
      ReservedConcurrentExecutions: Match.absent(),
    });
  });

  test('fault 40: no output can call the function that wrote it', () => {
    const bucketOf = (id: string): string => JSON.stringify(ruleOf(id).EventPattern.detail.bucket.name);
    expect(bucketOf('Ingest')).toContain('Landing');
    expect(bucketOf('Evaluate')).toContain('Lake');
    expect(ruleOf('Evaluate').EventPattern.detail.object.key).toEqual([{ prefix: 'receipts/' }]);
    const written = (id: string): string =>
      JSON.stringify(
        ofType('AWS::IAM::Role')
          .filter(([name]) => name.includes(id) && name.includes('Role'))
          .flatMap(([, r]) => r.Properties.Policies ?? [])
          .flatMap((p) => p.PolicyDocument.Statement)
          .filter((s) => JSON.stringify(s.Action).includes('s3:PutObject'))
          .map((s) => s.Resource),
      );
    expect(written('Ingest')).toContain('receipts/');
    expect(written('Ingest')).not.toContain('Landing');
    expect(written('Evaluate')).toContain('evaluations/');
    expect(written('Evaluate')).not.toMatch(/Landing|receipts\//);
  });
});

describe('the environment of a function', () => {
  const given = (name: string): string[] => {
    const own = FUNCTIONS.filter((other) => other !== name);
    const [, fn] =
      ofType('AWS::Lambda::Function').find(([id]) => {
        const text = id.toLowerCase();
        return text.includes(name) && !own.some((other) => text.includes(other));
      }) ?? [];
    return Object.keys(fn?.Properties.Environment.Variables ?? {});
  };

  test.each(FUNCTIONS)('fault 42: %s is deployed with every variable that it asks for', (name) => {
    const wanted = ENVIRONMENTS[name] as string[];
    expect(wanted.length).toBeGreaterThan(2);
    expect(given(name)).toEqual(expect.arrayContaining(wanted));
  });
});

describe('what an operator hears', () => {
  test('fault 43: records that fail for want of rights set off an alarm', () => {
    const alarms = ofType('AWS::CloudWatch::Alarm').map(([, a]) => a.Properties);
    const deadLetters = alarms.filter((a) =>
      JSON.stringify(a).includes('ApproximateNumberOfMessagesVisible'),
    );
    expect(deadLetters.length).toBeGreaterThan(0);
    for (const alarm of deadLetters) expect(alarm.AlarmActions.length).toBeGreaterThan(0);
    const watched = JSON.stringify(alarms);
    for (const [, queue] of ofType('AWS::SQS::Queue').filter(([, q]) => 'RedrivePolicy' in q.Properties)) {
      const target = queue.Properties.RedrivePolicy.deadLetterTargetArn['Fn::GetAtt'][0];
      expect(watched).toContain(target);
    }
  });
});
