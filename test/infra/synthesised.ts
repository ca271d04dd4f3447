import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import cdk from '../../cdk.json' with { type: 'json' };
import { WattlineStack } from '../../infra/wattline-stack.ts';

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

/** The template as it would be deployed, without building the functions. */
export function synthesised(context: Readonly<Record<string, string>> = {}): Template {
  const app = new App({ context: { ...cdk.context, 'aws:cdk:bundling-stacks': [], ...context } });
  return Template.fromStack(new WattlineStack(app, 'Wattline'));
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
