import { readFileSync } from 'node:fs';
import { S3Client } from '@aws-sdk/client-s3';
import type { Stores } from '../../cli/pipeline.ts';
import { S3Store } from '../../functions/platform/s3-store.ts';
import { call } from './aws.ts';

export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}
export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
}

export const STACK = 'Wattline';
export const REGION = 'us-east-1';
export const ACCOUNT = '000000000000';

/** The stack: its template as the app has it, as it was adapted and deployed, and what each resource is called now. */
export interface Deployment {
  readonly template: Template;
  readonly adapted: Template;
  readonly physical: ReadonlyMap<string, string>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly stores: Stores;
}

interface Summaries {
  readonly StackResourceSummaries?: readonly {
    readonly LogicalResourceId: string;
    readonly PhysicalResourceId?: string;
  }[];
  readonly NextToken?: string;
}

async function physicalIds(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  let token: string | undefined;
  do {
    const page = await call<Summaries>('cloudformation', 'ListStackResources', {
      StackName: STACK,
      ...(token ? { NextToken: token } : {}),
    });
    for (const { LogicalResourceId, PhysicalResourceId } of page.StackResourceSummaries ?? [])
      if (PhysicalResourceId) found.set(LogicalResourceId, PhysicalResourceId);
    token = page.NextToken;
  } while (token);
  return found;
}

const templateOf = (file: string): Template => JSON.parse(readFileSync(file, 'utf8')) as Template;

/** From files: both templates, and the outputs as the CDK command line writes them. */
export async function deploymentOf(
  templateFile: string,
  adaptedFile: string,
  outputsFile: string,
): Promise<Deployment> {
  const outputs = (JSON.parse(readFileSync(outputsFile, 'utf8')) as Record<string, Record<string, string>>)[
    STACK
  ] as Record<string, string>;
  const s3 = new S3Client({ forcePathStyle: true });
  return {
    template: templateOf(templateFile),
    adapted: templateOf(adaptedFile),
    physical: await physicalIds(),
    outputs,
    stores: {
      landing: new S3Store(outputs.LandingBucketName as string, s3),
      lake: new S3Store(outputs.LakeBucketName as string, s3),
      reports: new S3Store(outputs.ReportsBucketName as string, s3),
    },
  };
}

/** What the one resource of a type whose logical id begins so is called. @throws Error for none or several. */
export function physicalOf({ template, physical }: Deployment, type: string, beginning: string): string {
  const names = Object.entries(template.Resources)
    .filter(([name, r]) => r.Type === type && name.startsWith(beginning))
    .map(([name]) => name);
  const id = names.length === 1 ? physical.get(names[0] as string) : undefined;
  if (id === undefined) throw new Error(`${type} ${beginning}: expected one, found ${names.join(', ')}`);
  return id;
}
