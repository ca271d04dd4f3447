import { App, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import cdk from '../../cdk.json' with { type: 'json' };
import { parseStage, type StageInput } from '../../infra/stage.ts';
import { stackNameOf } from '../../infra/stages/all.ts';
import { WattlineStack } from '../../infra/wattline-stack.ts';

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
  readonly Condition?: unknown;
}

/** The stack of a stage as CloudFormation gets it, without bundles of functions. */
export class Deployment {
  readonly template: Template;
  readonly resources: Readonly<Record<string, Resource>>;

  constructor(stage: StageInput = { name: 'default' }) {
    this.template = Template.fromStack(appOf(stage).stack);
    this.resources = (this.template.toJSON() as { Resources: Record<string, Resource> }).Resources;
  }

  ofType(type: string): Resource[] {
    return Object.values(this.resources).filter((r) => r.Type === type);
  }

  /** Logical names of resources of a type that begin with a path of the tree. */
  idOf(type: string, start: string): string {
    const found = Object.entries(this.resources).filter(([id, r]) => r.Type === type && id.startsWith(start));
    if (found.length !== 1) throw new Error(`${found.length} of ${type} begin with ${start}`);
    return (found[0] as [string, Resource])[0];
  }

  /** What a role may do: its own policies, and those that name it. */
  rightsOf(roleId: string): Statement[] {
    const inline = (this.resources[roleId]?.Properties.Policies ?? []) as Policy[];
    const attached = this.ofType('AWS::IAM::Policy')
      .filter((p) => (p.Properties.Roles as { Ref: string }[]).some(({ Ref }) => Ref === roleId))
      .map((p) => p.Properties as unknown as Policy);
    return [...inline, ...attached].flatMap((p) => p.PolicyDocument.Statement);
  }
}

interface Policy {
  readonly PolicyDocument: { readonly Statement: Statement[] };
}

export const actionsOf = ({ Action }: Statement): readonly string[] =>
  typeof Action === 'string' ? [Action] : Action;

export function appOf(input: StageInput, outdir?: string): { app: App; stack: WattlineStack } {
  const context = { ...cdk.context, 'aws:cdk:bundling-stacks': [] };
  const app = new App({ context, ...(outdir ? { outdir } : {}) });
  const stage = parseStage(input, 'test');
  return { app, stack: new WattlineStack(app, stackNameOf(stage), { stage }) };
}

/** As infra/app.ts has it: what the rule packs find that no acknowledgement answers. */
export function addChecks(app: App): void {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
}
