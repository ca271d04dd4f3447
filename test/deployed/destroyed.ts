import { readFileSync } from 'node:fs';
import { call } from './aws.ts';
import { check, counts } from './checks.ts';
import type { Template } from './deployment.ts';

const [templateFile = ''] = process.argv.slice(2);

interface Retained {
  readonly Type: string;
  readonly DeletionPolicy?: string;
}
type Listing = readonly [
  kind: string,
  service: string,
  operation: string,
  field: string,
  nameIn: string | null,
];

/** Everything of an account that the stack could have left something in. */
const LISTINGS: readonly Listing[] = [
  ['AWS::S3::Bucket', 's3', 'ListBuckets', 'Buckets', 'Name'],
  ['AWS::KMS::Key', 'kms', 'ListKeys', 'Keys', 'KeyId'],
  ['AWS::Lambda::Function', 'lambda', 'ListFunctions', 'Functions', 'FunctionName'],
  ['AWS::Lambda::EventSourceMapping', 'lambda', 'ListEventSourceMappings', 'EventSourceMappings', 'UUID'],
  ['AWS::SQS::Queue', 'sqs', 'ListQueues', 'QueueUrls', null],
  ['AWS::SNS::Topic', 'sns', 'ListTopics', 'Topics', 'TopicArn'],
  ['AWS::SNS::Subscription', 'sns', 'ListSubscriptions', 'Subscriptions', 'SubscriptionArn'],
  ['AWS::Events::Rule', 'eventbridge', 'ListRules', 'Rules', 'Name'],
  ['AWS::Scheduler::Schedule', 'scheduler', 'ListSchedules', 'Schedules', 'Name'],
  ['AWS::StepFunctions::StateMachine', 'sfn', 'ListStateMachines', 'stateMachines', 'name'],
  ['AWS::Logs::LogGroup', 'cloudwatch-logs', 'DescribeLogGroups', 'logGroups', 'logGroupName'],
  ['AWS::IAM::Role', 'iam', 'ListRoles', 'Roles', 'RoleName'],
  ['AWS::Glue::Database', 'glue', 'GetDatabases', 'DatabaseList', 'Name'],
  ['AWS::Athena::WorkGroup', 'athena', 'ListWorkGroups', 'WorkGroups', 'Name'],
  ['AWS::CloudWatch::Alarm', 'cloudwatch', 'DescribeAlarms', 'MetricAlarms', 'AlarmName'],
  ['AWS::CloudWatch::Dashboard', 'cloudwatch', 'ListDashboards', 'DashboardEntries', 'DashboardName'],
];
/** What was there before: of the bootstrap, and what each account has. */
const OTHERS = /^cdk-hnb659fds-|^primary$/;

async function left([, service, operation, field, nameIn]: Listing): Promise<string[]> {
  const answer = await call(service, operation);
  const found = (answer[field] ?? []) as (string | Record<string, string>)[];
  return found
    .map((item) => (typeof item === 'string' ? item : (item[nameIn as string] as string)))
    .filter((name) => !OTHERS.test(name));
}

const { Resources } = JSON.parse(readFileSync(templateFile, 'utf8')) as Template;
const retained = (Object.values(Resources) as Retained[]).filter((r) => r.DeletionPolicy === 'Retain');
for (const listing of LISTINGS) {
  const [kind] = listing;
  const wanted = retained.filter((r) => r.Type === kind).length;
  const names = await left(listing);
  check(
    wanted === 0 ? `${kind}: nothing is left` : `${kind}: ${wanted} kept on purpose: ${names.join(', ')}`,
    names.length === wanted,
    `${names.length} are left, ${wanted} are meant to be: ${names.join(', ')}`,
  );
}
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;
