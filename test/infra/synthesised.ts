import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { DefinitionBody, Pass, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { type FunctionName, METRICS, NAMESPACE } from '../../functions/platform/metrics.ts';
import { AlarmTopic } from '../../infra/alarm-topic.ts';
import { PilotDashboard } from '../../infra/dashboard-pilot.ts';
import { PipelineDashboard } from '../../infra/dashboard-pipeline.ts';
import { PipelineAlarms } from '../../infra/pipeline-alarms.ts';
import type { PipelineParts, Watched } from '../../infra/pipeline-parts.ts';

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

export interface Widget {
  readonly type: 'metric' | 'text' | 'alarm';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly title?: string;
    readonly markdown?: string;
    readonly alarms?: readonly string[];
    readonly view?: 'timeSeries' | 'singleValue';
    readonly stacked?: boolean;
    readonly period?: number;
    readonly metrics?: readonly (readonly unknown[])[];
    readonly annotations?: {
      readonly horizontal?: readonly { value: number; label?: string; color?: string }[];
    };
    readonly yAxis?: { readonly left?: Axis; readonly right?: Axis };
  };
}
interface Axis {
  readonly min?: number;
  readonly max?: number;
  readonly label?: string;
}

/** What an operator sees, of a pipeline of small stand-ins: the names of metrics and resources are what counts. */
class ObservedStack extends Stack {
  constructor(scope: App, { namespace, runbookUrl, email }: Observed) {
    super(scope, 'Wattline');
    const functions = Object.fromEntries(
      (Object.keys(METRICS) as FunctionName[]).map((name, i) => [name, this.watched(name, i < 2 ? 5 : 15)]),
    ) as Record<FunctionName, Watched>;
    const queue = (id: string): Queue => new Queue(this, id);
    const fed = (id: string, dead: Queue): Queue =>
      new Queue(this, id, { deadLetterQueue: { queue: dead, maxReceiveCount: 5 } });
    const [ingestDead, evaluateDead] = [queue('IngestDead'), queue('EvaluateDead')];
    const parts: PipelineParts = {
      namespace,
      functions,
      queues: { ingest: fed('IngestQueue', ingestDead), evaluate: fed('EvaluateQueue', evaluateDead) },
      deadLetters: {
        ingest: ingestDead,
        evaluate: evaluateDead,
        ingestUndelivered: queue('IngestUndelivered'),
        evaluateUndelivered: queue('EvaluateUndelivered'),
        nightUndelivered: queue('NightUndelivered'),
      },
      nightly: {
        machine: new StateMachine(this, 'Machine', {
          definitionBody: DefinitionBody.fromChainable(new Pass(this, 'Pass')),
        }),
      },
    };
    const { topic } = new AlarmTopic(this, 'AlarmTopic', { email });
    const { alarms } = new PipelineAlarms(this, 'Alarms', { ...parts, topic });
    new PipelineDashboard(this, 'Pipeline', { ...parts, alarms, runbookUrl });
    new PilotDashboard(this, 'Pilots', { namespace, reports: new Bucket(this, 'Reports') });
  }

  private watched(name: string, minutes: number): Watched {
    const timeout = Duration.minutes(minutes);
    const lambda = new LambdaFunction(this, name, {
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromInline('exports.handler = async () => {}'),
      memorySize: minutes === 5 ? 1_769 : 1_024,
      timeout,
      logGroup: new LogGroup(this, `${name}Log`),
    });
    return { lambda, timeout };
  }
}

interface Observed {
  readonly namespace: string;
  readonly runbookUrl?: string;
  readonly email?: string;
}

export function synthesised(observed: Partial<Observed> = {}): Template {
  return Template.fromStack(new ObservedStack(new App(), { namespace: NAMESPACE, ...observed }));
}

export const resourcesOf = (template: Template): Record<string, Resource> =>
  (template.toJSON() as { Resources: Record<string, Resource> }).Resources;

/** Text of a value that CloudFormation puts together; of another resource stands its logical id. */
export function joined(value: unknown): string {
  if (typeof value === 'string') return value;
  const token = value as { Ref?: string; 'Fn::GetAtt'?: [string, string]; 'Fn::Join'?: [string, unknown[]] };
  if (token.Ref) return token.Ref;
  if (token['Fn::GetAtt']) return token['Fn::GetAtt'].join('.');
  if (token['Fn::Join']) return token['Fn::Join'][1].map(joined).join(token['Fn::Join'][0]);
  throw new Error(`${JSON.stringify(value)}: expected a text, Ref, Fn::GetAtt or Fn::Join`);
}

/** The widgets of a dashboard, by the beginning of its logical id. */
export function widgetsOf(template: Template, id: string): Widget[] {
  const [, dashboard] =
    Object.entries(resourcesOf(template)).find(
      ([name, r]) => r.Type === 'AWS::CloudWatch::Dashboard' && name.startsWith(id),
    ) ?? [];
  if (!dashboard) throw new Error(`no dashboard ${id} in the template`);
  return (JSON.parse(joined(dashboard.Properties.DashboardBody)) as { widgets: Widget[] }).widgets;
}
