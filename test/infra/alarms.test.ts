import { readFileSync } from 'node:fs';
import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, test } from 'vitest';
import { DECLARED, isOurs, type Named, nameOf, OF_AWS } from './dashboard-metrics.ts';
import { joined, type Resource, resourcesOf, synthesised } from './synthesised.ts';

interface Query {
  readonly Id: string;
  readonly Expression?: string;
  readonly ReturnData?: boolean;
  readonly MetricStat?: { readonly Metric: AlarmMetric; readonly Period: number };
}
interface AlarmMetric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: unknown }[];
}
interface AlarmProperties extends Partial<AlarmMetric> {
  readonly AlarmDescription: string;
  readonly TreatMissingData: string;
  readonly AlarmActions: readonly unknown[];
  readonly OKActions: readonly unknown[];
  readonly EvaluationPeriods: number;
  readonly Period?: number;
  readonly Metrics?: readonly Query[];
}

const DESCRIPTION = /^Impact: (.+) No data: (.+) Runbook: docs\/runbook\.md, "(.+)"\.$/;

const alarmsIn = (template: Template): AlarmProperties[] =>
  Object.values(resourcesOf(template))
    .filter((r) => r.Type === 'AWS::CloudWatch::Alarm')
    .map((r) => r.Properties as unknown as AlarmProperties);

const metricsOf = (alarm: AlarmProperties): Named[] => {
  const own = alarm.MetricName ? [alarm as AlarmMetric] : [];
  return [...own, ...(alarm.Metrics ?? []).flatMap((q) => q.MetricStat?.Metric ?? [])].map((m) => ({
    namespace: m.Namespace,
    metric: m.MetricName,
    dimensions: Object.fromEntries((m.Dimensions ?? []).map((d) => [d.Name, joined(d.Value)])),
  }));
};

let template: Template;
let alarms: AlarmProperties[];
let resources: Record<string, Resource>;

beforeAll(() => {
  template = synthesised();
  resources = resourcesOf(template);
  alarms = alarmsIn(template);
});

describe('every alarm', () => {
  test('says whom it hurts, what it makes of silence, and where to look', () => {
    expect(alarms.length).toBeGreaterThan(20);
    for (const alarm of alarms) {
      expect(alarm.AlarmDescription).toMatch(DESCRIPTION);
      expect(['breaching', 'notBreaching', 'ignore']).toContain(alarm.TreatMissingData);
    }
  });
  test('has a heading of its own in the runbook, and every heading an alarm', () => {
    const named = alarms.map((a) => DESCRIPTION.exec(a.AlarmDescription)?.[3]).sort();
    const headings = [...sections().keys()].sort();
    expect(new Set(named).size).toBe(named.length);
    expect(named).toEqual(headings);
  });
  test('watches what is emitted, with its dimensions', () => {
    for (const named of alarms.flatMap(metricsOf)) {
      if (isOurs(named)) expect(DECLARED).toContain(nameOf(named));
      else {
        const known = OF_AWS[named.namespace];
        expect(known?.metrics).toContain(named.metric);
        expect(Object.keys(named.dimensions)).toEqual([known?.dimension]);
        for (const value of Object.values(named.dimensions))
          expect(resources).toHaveProperty([String(value).replace(/\.QueueName$/, '')]);
      }
    }
  });
  test('is within what CloudWatch takes: ten metrics, seven days, no search', () => {
    for (const alarm of alarms) {
      const queries = alarm.Metrics ?? [];
      expect(queries.filter((q) => q.MetricStat).length).toBeLessThanOrEqual(10);
      expect(JSON.stringify(queries)).not.toContain('SEARCH');
      const periods = queries.flatMap((q) => q.MetricStat?.Period ?? []);
      const period = Math.max(alarm.Period ?? 0, ...periods);
      expect(alarm.EvaluationPeriods * period).toBeLessThanOrEqual(period >= 3_600 ? 604_800 : 86_400);
      if (queries.length > 0) expect(queries.filter((q) => q.ReturnData !== false)).toHaveLength(1);
    }
  });
  test('tells the topic when it goes off and when it is over', () => {
    for (const { AlarmActions, OKActions } of alarms) {
      expect(AlarmActions.map(joined)).toEqual([expect.stringMatching(/^AlarmTopic/)]);
      expect(OKActions).toEqual(AlarmActions);
    }
  });
});

test('every queue of dead letters, every queue and every function is watched', () => {
  const watched = (metric: string): string[] =>
    alarms
      .flatMap(metricsOf)
      .filter((m) => m.metric === metric)
      .flatMap((m) => Object.values(m.dimensions) as string[]);
  const ofType = (type: string): [string, Resource][] =>
    Object.entries(resources).filter(([, r]) => r.Type === type);
  const queues = ofType('AWS::SQS::Queue');
  const fed = queues.filter(([, q]) => 'RedrivePolicy' in q.Properties).map(([id]) => `${id}.QueueName`);
  const dead = queues.map(([id]) => `${id}.QueueName`).filter((name) => !fed.includes(name));
  expect(watched('ApproximateNumberOfMessagesVisible').sort()).toEqual(dead.sort());
  expect(watched('ApproximateAgeOfOldestMessage').sort()).toEqual(fed.sort());
  const functions = ofType('AWS::Lambda::Function')
    .map(([id]) => id)
    .sort();
  expect(watched('Errors').sort()).toEqual(functions);
  // The weekly job has a night's worth of time, and nobody waits for it.
  const ofPipeline = functions.filter((id) => !id.startsWith('Weekly'));
  expect(watched('Throttles').sort()).toEqual(ofPipeline);
  expect([...new Set(watched('Duration'))].sort()).toEqual(ofPipeline);
});

describe('the topic', () => {
  test('takes TLS alone, and alarms of this account alone', () => {
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Deny',
            Principal: '*',
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
          {
            Effect: 'Allow',
            Action: 'sns:Publish',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          },
        ],
      },
    });
  });
  test('writes to the address that is named, and to nobody where none is', () => {
    expect(JSON.stringify(template.findResources('AWS::SNS::Subscription'))).toBe('{}');
    synthesised({ alarmEmail: 'night@example.org' }).hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'night@example.org',
    });
  });
});

/** Text of the runbook by heading. */
function sections(): Map<string, string> {
  const text = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
  return new Map(
    (text.split(/^# Alarms$/m)[1] as string)
      .split(/^## /m)
      .slice(1)
      .map((part) => {
        const end = part.indexOf('\n');
        return [part.slice(0, end), part.slice(end + 1)];
      }),
  );
}

describe('every heading of the runbook', () => {
  test.each([...sections()])('%s: description, investigation, resolution', (_, text) => {
    for (const part of ['Description', 'Investigation', 'Resolution'])
      expect(text).toMatch(new RegExp(`\\*\\*${part}\\.\\*\\* \\S.{20,}`));
  });
});
