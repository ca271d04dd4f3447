import { fileURLToPath } from 'node:url';
import { type Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import {
  PolicyDocument,
  type PolicyStatement,
  Role,
  ServicePrincipal,
  PolicyStatement as Statement,
} from 'aws-cdk-lib/aws-iam';
import { Architecture, Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { wildcardsOf } from './access.ts';

export interface MonitoredFunctionProps<E extends Record<string, string>> {
  /** Folder below functions/. */
  readonly name: 'ingest' | 'evaluate' | 'decide' | 'reconcile';
  /** Exactly what the function's own environment schema asks for: a missing variable does not compile. */
  readonly environment: E;
  readonly memoryMb: number;
  readonly timeout: Duration;
  readonly statements: readonly PolicyStatement[];
}

/**
 * Young objects in a few megabytes: telemetry is read in typed arrays, and the default of three times 16 MiB a thread
 * only grows what the function takes (docs/benchmarks.md).
 */
const MEMORY_OPTIONS = '--max-semi-space-size=2';

const root = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** One Lambda function with a role, a log group and a bundle of its own. */
export class MonitoredFunction<E extends Record<string, string>> extends Construct {
  readonly lambda: NodejsFunction;
  readonly timeout: Duration;

  constructor(scope: Construct, id: string, props: MonitoredFunctionProps<E>) {
    super(scope, id);
    this.timeout = props.timeout;
    const logGroup = new LogGroup(this, 'Log', {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        work: new PolicyDocument({ statements: [...props.statements] }),
        log: new PolicyDocument({
          statements: [
            new Statement({
              actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
              resources: [logGroup.logGroupArn],
            }),
          ],
        }),
      },
    });
    for (const resource of new Set(wildcardsOf(Stack.of(this), props.statements))) {
      Validations.of(role).acknowledge({
        id: `AwsSolutions-IAM5[Resource::${resource}]`,
        reason:
          'Object paths below a prefix of one bucket, with GetObject, GetObjectVersion, PutObject or AbortMultipartUpload alone: S3 has no narrower form.',
      });
    }
    const endpoint = Stack.of(this).node.tryGetContext('endpoint') as string | undefined;
    this.lambda = new NodejsFunction(this, 'Function', {
      entry: root(`functions/${props.name}/handler.ts`),
      projectRoot: root(''),
      depsLockFilePath: root('package-lock.json'),
      handler: 'handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memoryMb,
      timeout: props.timeout,
      role,
      logGroup,
      // A server that stands in for AWS is named by context (test:deployed); on AWS there is none.
      environment: {
        ...props.environment,
        NODE_OPTIONS: MEMORY_OPTIONS,
        ...(endpoint ? { AWS_ENDPOINT_URL: endpoint } : {}),
      },
      bundling: {
        format: OutputFormat.ESM,
        target: 'node24',
        mainFields: ['module', 'main'],
        minify: true,
        externalModules: [],
        forceDockerBundling: false,
        banner: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);",
      },
    });
  }
}
