import { call, callIfThere } from '../aws.ts';
import { documentOf, type Reader } from './reader.ts';

interface Rule {
  readonly Expiration?: { readonly Days?: number; readonly ExpiredObjectDeleteMarker?: boolean };
  readonly Filter?: { readonly Prefix?: string };
  readonly NoncurrentVersionExpiration?: { readonly NoncurrentDays?: number };
}

/** The API has the fields of a rule elsewhere than the template. */
const ruleOf = ({ Expiration, Filter, ...rule }: Rule) => ({
  ...rule,
  ExpirationInDays: Expiration?.Days,
  ExpiredObjectDeleteMarker: Expiration?.ExpiredObjectDeleteMarker,
  Prefix: Filter?.Prefix,
});

const bucket: Reader = async (Bucket) => {
  const of = <T>(operation: string) => callIfThere<T>('s3', operation, { Bucket });
  const encryption = await of<{
    ServerSideEncryptionConfiguration?: { Rules?: { ApplyServerSideEncryptionByDefault?: object }[] };
  }>('GetBucketEncryption');
  const lifecycle = await of<{ Rules?: Rule[] }>('GetBucketLifecycleConfiguration');
  const ownership = await of<{ OwnershipControls?: object }>('GetBucketOwnershipControls');
  const access = await of<{ PublicAccessBlockConfiguration?: object }>('GetPublicAccessBlock');
  const logging = await of<{ LoggingEnabled?: { TargetBucket?: string; TargetPrefix?: string } }>(
    'GetBucketLogging',
  );
  const notification = await of<{ EventBridgeConfiguration?: object }>('GetBucketNotificationConfiguration');
  const versioning = await of<{ Status?: string }>('GetBucketVersioning');
  return {
    BucketEncryption: encryption && {
      ServerSideEncryptionConfiguration: encryption.ServerSideEncryptionConfiguration?.Rules?.map((r) => ({
        ServerSideEncryptionByDefault: r.ApplyServerSideEncryptionByDefault,
      })),
    },
    LifecycleConfiguration: lifecycle && { Rules: lifecycle.Rules?.map(ruleOf) },
    OwnershipControls: ownership?.OwnershipControls,
    PublicAccessBlockConfiguration: access?.PublicAccessBlockConfiguration,
    LoggingConfiguration: logging?.LoggingEnabled && {
      DestinationBucketName: logging.LoggingEnabled.TargetBucket,
      LogFilePrefix: logging.LoggingEnabled.TargetPrefix,
    },
    // In the template a switch, in the API a configuration that is there.
    NotificationConfiguration: notification?.EventBridgeConfiguration && {
      EventBridgeConfiguration: { EventBridgeEnabled: true },
    },
    VersioningConfiguration: versioning?.Status && { Status: versioning.Status },
  };
};

const bucketPolicy: Reader = async (_id, { Bucket }) => {
  const answer = await callIfThere<{ Policy?: string }>('s3', 'GetBucketPolicy', { Bucket });
  return { Bucket, PolicyDocument: documentOf(answer?.Policy) };
};

async function attributesOf(QueueUrl: string): Promise<Record<string, string>> {
  const input = { QueueUrl, AttributeNames: ['All'] };
  const { Attributes = {} } = await call<{ Attributes?: Record<string, string> }>(
    'sqs',
    'GetQueueAttributes',
    input,
  );
  return Attributes;
}

const queue: Reader = async (url) => {
  const { RedrivePolicy, ...attributes } = await attributesOf(url);
  return { ...attributes, RedrivePolicy: documentOf(RedrivePolicy) };
};

const queuePolicy: Reader = async (_id, { Queues }) => {
  const { Policy } = await attributesOf((Queues as string[])[0] as string);
  return { Queues, PolicyDocument: documentOf(Policy) };
};

async function topicAttributes(TopicArn: string): Promise<Record<string, string>> {
  const { Attributes = {} } = await call<{ Attributes?: Record<string, string> }>(
    'sns',
    'GetTopicAttributes',
    { TopicArn },
  );
  return Attributes;
}

const topicPolicy: Reader = async (_id, { Topics }) => {
  const { Policy } = await topicAttributes((Topics as string[])[0] as string);
  return { Topics, PolicyDocument: documentOf(Policy) };
};

const key: Reader = async (KeyId) => {
  const rotation = await call<{ KeyRotationEnabled?: boolean }>('kms', 'GetKeyRotationStatus', { KeyId });
  const policy = await call<{ Policy?: string }>('kms', 'GetKeyPolicy', { KeyId, PolicyName: 'default' });
  return { EnableKeyRotation: rotation.KeyRotationEnabled, KeyPolicy: documentOf(policy.Policy) };
};

const logGroup: Reader = async (logGroupNamePrefix) => {
  const { logGroups = [] } = await call<{ logGroups?: { logGroupName: string; retentionInDays?: number }[] }>(
    'cloudwatch-logs',
    'DescribeLogGroups',
    { logGroupNamePrefix },
  );
  const group = logGroups.find((g) => g.logGroupName === logGroupNamePrefix);
  return { RetentionInDays: group?.retentionInDays };
};

export const STORAGE_READERS: Readonly<Record<string, Reader>> = {
  'AWS::S3::Bucket': bucket,
  'AWS::S3::BucketPolicy': bucketPolicy,
  'AWS::SQS::Queue': queue,
  'AWS::SQS::QueuePolicy': queuePolicy,
  'AWS::SNS::Topic': topicAttributes,
  'AWS::SNS::TopicPolicy': topicPolicy,
  'AWS::KMS::Key': key,
  'AWS::Logs::LogGroup': logGroup,
};
