import { describe, expect, test } from 'vitest';
import { parseStage } from '../../infra/stage.ts';
import { namespaceOf, stackNameOf, stageOf } from '../../infra/stages/all.ts';
import { Deployment } from './deployment.ts';

const principal = 'arn:aws:iam::111122223333:role/collector';

describe('a stage', () => {
  test('that is not named is the default one, named as ever', () => {
    expect(stageOf('default')).toMatchObject({ name: 'default', kms: false, uploaders: [] });
    expect(stackNameOf({ name: 'default' })).toBe('Wattline');
    expect(namespaceOf({ name: 'default' })).toBe('Wattline');
  });
  test.each(['default', 'dev', 'prod'])('%s has a file of its name that is right', (name) => {
    expect(stageOf(name).name).toBe(name);
  });
  test.each(['production', '__proto__', 'toString'])('%s is refused with those that there are', (name) => {
    expect(() => stageOf(name)).toThrow(/expected one of default, dev, prod/);
  });
});

describe('what is wrong in a stage is named by its field', () => {
  test.each([
    [{ name: 'Prod' }, /stage t: name: expected 1 to 20/],
    [{ name: 't', region: 'Frankfurt' }, /region: expected a region such as/],
    [{ name: 't', account: '1234' }, /account: expected 12 digits/],
    [{ name: 't', schedule: { nightHourUtc: 24 } }, /schedule\.nightHourUtc: .*23/],
    [{ name: 't', retention: { landingDays: 0 } }, /retention\.landingDays/],
    [{ name: 't', logRetentionDays: 100 }, /logRetentionDays/],
    [{ name: 't', alarmEmail: 'me' }, /alarmEmail/],
    [{ name: 't', uploaders: [{ program: '../x', principals: [principal] }] }, /uploaders\.0\.program/],
    [
      { name: 't', uploaders: [{ program: 'p', principals: ['*'] }] },
      /uploaders\.0\.principals\.0: expected the ARN/,
    ],
    [{ name: 't', uploaders: [{ program: 'p', principals: [] }] }, /uploaders\.0\.principals/],
    [{ name: 't', ingest: { atOnce: 1 } }, /ingest\.atOnce/],
    [{ name: 't', ingest: { memoryMb: 20_000 } }, /ingest\.memoryMb/],
    [{ name: 't', night: { runsAtOnce: 2, replayRunsAtOnce: 3 } }, /night\.replayRunsAtOnce: 3 is more than/],
    [{ name: 't', colour: 'red' }, /colour/],
  ])('%j', (input, message) => {
    expect(() => parseStage(input, 't')).toThrow(message);
  });
});

describe('a deployment', () => {
  test('is as its stage says', () => {
    const deployment = new Deployment({
      name: 'small',
      retention: { landingDays: 30 },
      schedule: { nightHourUtc: 4, weeklyDay: 'MON' },
      logRetentionDays: 14,
      alarmEmail: 'operators@example.com',
      verdictEmail: 'deciders@example.com',
      ingest: { memoryMb: 3_008, atOnce: 7 },
      night: { runsAtOnce: 9, replayRunsAtOnce: 3, toleratedFailurePercent: 5 },
    });
    const { template } = deployment;
    template.hasResourceProperties('AWS::Scheduler::Schedule', { ScheduleExpression: 'cron(0 4 * * ? *)' });
    template.hasResourceProperties('AWS::Scheduler::Schedule', { ScheduleExpression: 'cron(0 5 ? * MON *)' });
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 14 });
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      ScalingConfig: { MaximumConcurrency: 7 },
    });
    template.hasResourceProperties('AWS::Lambda::Function', { MemorySize: 3_008 });
    const variables = deployment
      .ofType('AWS::Lambda::Function')
      .map((f) => (f.Properties.Environment as { Variables: Record<string, string> }).Variables);
    expect(variables.map((v) => v.WATTLINE_NAMESPACE)).toEqual(Array(5).fill('Wattline/small'));
    expect(variables.find((v) => 'NIGHT_RUNS_AT_ONCE' in v)).toMatchObject({
      NIGHT_RUNS_AT_ONCE: '9',
      REPLAY_RUNS_AT_ONCE: '3',
    });
    expect(JSON.stringify(deployment.ofType('AWS::StepFunctions::StateMachine'))).toContain(
      'ToleratedFailurePercentage\\":5',
    );
    const subscribed = deployment.ofType('AWS::SNS::Subscription').map((s) => s.Properties.Endpoint);
    expect(subscribed.sort()).toEqual(['deciders@example.com', 'operators@example.com']);
    const landing = deployment.resources[deployment.idOf('AWS::S3::Bucket', 'BucketsLanding')];
    expect(JSON.stringify(landing?.Properties.LifecycleConfiguration)).toContain('"ExpirationInDays":30');
  });

  test('keeps uploads, and writes to nobody, unless its stage says so', () => {
    const deployment = new Deployment();
    const landing = deployment.resources[deployment.idOf('AWS::S3::Bucket', 'BucketsLanding')];
    expect(JSON.stringify(landing?.Properties.LifecycleConfiguration)).not.toContain('ExpirationInDays');
    deployment.template.resourceCountIs('AWS::SNS::Subscription', 0);
  });

  test('stands beside others in one account: no name is given twice', () => {
    const NAMED =
      /^(BucketName|QueueName|TopicName|FunctionName|RoleName|StateMachineName|DashboardName|AlarmName|LogGroupName|Name|AliasName)$/;
    const names = (name: string): Set<string> => {
      const found = new Set<string>();
      for (const { Type, Properties } of Object.values(new Deployment({ name }).resources)) {
        if (Type === 'AWS::Glue::Table' || Type === 'AWS::Athena::NamedQuery') continue; // in a database or workgroup of their own
        for (const [key, value] of Object.entries(Properties))
          if (NAMED.test(key) && typeof value === 'string') found.add(`${Type} ${value}`);
        const database = Properties.DatabaseInput as { Name?: string } | undefined;
        if (database?.Name) found.add(`${Type} ${database.Name}`);
      }
      return found;
    };
    const [one, other] = [names('one'), names('other')];
    expect([...one].filter((name) => other.has(name))).toEqual([]);
    expect([...one]).toContain('AWS::Glue::Database one_wattline');
    expect(stackNameOf({ name: 'one' })).not.toBe(stackNameOf({ name: 'other' }));
  });
});
