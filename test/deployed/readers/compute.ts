import { createHash } from 'node:crypto';
import { collect } from '../../../functions/platform/bytes.ts';
import { call } from '../aws.ts';
import { documentOf, type Reader } from './reader.ts';

interface Configuration {
  readonly CodeSha256?: string;
  readonly Environment?: object;
}

/** The bundle that runs is the one that was uploaded: by the hash that Lambda tells. */
async function codeOf(code: unknown, sha256: string | undefined): Promise<unknown> {
  const { S3Bucket, S3Key } = code as { S3Bucket: string; S3Key: string };
  const { Body } = await call<{ Body: AsyncIterable<Uint8Array> }>('s3', 'GetObject', {
    Bucket: S3Bucket,
    Key: S3Key,
  });
  const hash = createHash('sha256')
    .update(await collect(Body))
    .digest('base64');
  return hash === sha256 ? code : { S3Bucket, S3Key: `${S3Key}, but CodeSha256 is ${sha256}` };
}

const lambda: Reader = async (FunctionName, { Code }) => {
  const found = await call<Configuration>('lambda', 'GetFunctionConfiguration', { FunctionName });
  return { ...found, Code: await codeOf(Code, found.CodeSha256) };
};

const eventSource: Reader = async (UUID, { FunctionName }) => {
  const found = await call<{ FunctionArn?: string }>('lambda', 'GetEventSourceMapping', { UUID });
  const name = found.FunctionArn?.split(':').at(-1);
  return { ...found, FunctionName: name === FunctionName ? name : found.FunctionArn };
};

const machine: Reader = async (stateMachineArn) => {
  const found = await call<{
    definition?: string;
    roleArn?: string;
    loggingConfiguration?: {
      level?: string;
      includeExecutionData?: boolean;
      destinations?: { cloudWatchLogsLogGroup?: { logGroupArn?: string } }[];
    };
    tracingConfiguration?: { enabled?: boolean };
  }>('sfn', 'DescribeStateMachine', { stateMachineArn });
  const logging = found.loggingConfiguration;
  return {
    DefinitionString: found.definition,
    RoleArn: found.roleArn,
    LoggingConfiguration: logging && {
      Level: logging.level,
      IncludeExecutionData: logging.includeExecutionData,
      Destinations: logging.destinations?.map(({ cloudWatchLogsLogGroup: group }) => ({
        CloudWatchLogsLogGroup: { LogGroupArn: group?.logGroupArn },
      })),
    },
    TracingConfiguration: found.tracingConfiguration && { Enabled: found.tracingConfiguration.enabled },
  };
};

const schedule: Reader = async (Name) => {
  const found = await call<{ ScheduleExpressionTimezone?: string }>('scheduler', 'GetSchedule', { Name });
  const zone = found.ScheduleExpressionTimezone;
  // The service's default, which the emulator's CloudFormation leaves whatever the template says.
  return { ...found, ScheduleExpressionTimezone: zone === 'UTC' ? undefined : zone };
};

const rule: Reader = async (id) => {
  const Name = id.split('|').at(-1);
  const found = await call<{ EventPattern?: string }>('eventbridge', 'DescribeRule', { Name });
  const { Targets } = await call<{ Targets?: object[] }>('eventbridge', 'ListTargetsByRule', { Rule: Name });
  return { ...found, EventPattern: documentOf(found.EventPattern), Targets };
};

const inlinePolicy = async (RoleName: string, PolicyName: string) => {
  const found = await call<{ PolicyDocument?: string }>('iam', 'GetRolePolicy', { RoleName, PolicyName });
  return { PolicyName, PolicyDocument: documentOf(found.PolicyDocument) };
};

const role: Reader = async (RoleName, { Policies = [] }) => {
  const { Role } = await call<{ Role: { AssumeRolePolicyDocument?: string } }>('iam', 'GetRole', {
    RoleName,
  });
  const names = (Policies as { PolicyName: string }[]).map((p) => p.PolicyName);
  return {
    AssumeRolePolicyDocument: documentOf(Role.AssumeRolePolicyDocument),
    Policies: await Promise.all(names.map((name) => inlinePolicy(RoleName, name))),
  };
};

const policy: Reader = async (_id, { Roles, PolicyName }) => ({
  Roles,
  ...(await inlinePolicy((Roles as string[])[0] as string, PolicyName as string)),
});

export const COMPUTE_READERS: Readonly<Record<string, Reader>> = {
  'AWS::Lambda::Function': lambda,
  'AWS::Lambda::EventSourceMapping': eventSource,
  'AWS::StepFunctions::StateMachine': machine,
  'AWS::Scheduler::Schedule': schedule,
  'AWS::Events::Rule': rule,
  'AWS::IAM::Role': role,
  'AWS::IAM::Policy': policy,
};
