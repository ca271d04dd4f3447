import { fileURLToPath } from 'node:url';
import { type Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  PolicyDocument,
  type PolicyStatement,
  Role,
  ServicePrincipal,
  PolicyStatement as Statement,
} from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { Architecture, Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledgeObjectPaths, useKey } from './access.ts';
import { BUNDLING } from './bundling.ts';
import { MEMORY_ENVIRONMENT } from './memory-environment.ts';

/** What every function of a deployment has in common. */
export interface FunctionSettings {
  readonly logRetentionDays: number;
  /** Namespace of the metrics that functions emit. */
  readonly namespace: string;
  /** Of the buckets, where the stage has one of its own. */
  readonly key?: Key | undefined;
}

export interface MonitoredFunctionProps<E extends Record<string, string>> {
  readonly settings: FunctionSettings;
  /** Folder below functions/. */
  readonly name: 'ingest' | 'evaluate' | 'decide' | 'reconcile' | 'weekly';
  /** Exactly what the function's own environment schema asks for: a missing variable does not compile. */
  readonly environment: E;
  readonly memoryMb: number;
  readonly timeout: Duration;
  readonly statements: readonly PolicyStatement[];
}

const root = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** One Lambda function with a role, a log group and a bundle of its own. */
export class MonitoredFunction<E extends Record<string, string>> extends Construct {
  readonly lambda: NodejsFunction;
  readonly role: Role;
  readonly timeout: Duration;

  constructor(scope: Construct, id: string, props: MonitoredFunctionProps<E>) {
    super(scope, id);
    this.timeout = props.timeout;
    const { key, logRetentionDays, namespace } = props.settings;
    const logGroup = new LogGroup(this, 'Log', {
      retention: logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const statements = [...props.statements, ...(key ? [useKey(key)] : [])];
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        work: new PolicyDocument({ statements }),
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
    acknowledgeObjectPaths(this.role, statements);
    this.lambda = new NodejsFunction(this, 'Function', {
      entry: root(`functions/${props.name}/handler.ts`),
      projectRoot: root(''),
      depsLockFilePath: root('package-lock.json'),
      handler: 'handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memoryMb,
      timeout: props.timeout,
      role: this.role,
      logGroup,
      environment: {
        ...props.environment,
        WATTLINE_NAMESPACE: namespace,
        ...MEMORY_ENVIRONMENT,
      },
      bundling: {
        format: OutputFormat.ESM,
        target: BUNDLING.target,
        mainFields: BUNDLING.mainFields,
        minify: BUNDLING.minify,
        externalModules: BUNDLING.external,
        forceDockerBundling: false,
        banner: BUNDLING.banner.js,
      },
    });
    Validations.of(this.lambda).acknowledge(
      {
        id: 'Serverless-LambdaDLQ',
        reason:
          'It is called by a queue, a state machine or a schedule, each with a dead-letter queue or a failure of its own; nothing calls it asynchronously without one.',
      },
      {
        id: 'Serverless-LambdaTracing',
        reason:
          'A trace a file costs more than the file; each file has a line in the log, a receipt, and its times are metrics.',
      },
    );
  }
}
