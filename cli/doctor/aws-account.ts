import {
  GetBucketNotificationConfigurationCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { type Check, fail, ok, warn } from './check.ts';

interface Refusal {
  readonly name: string;
  readonly message: string;
  readonly status: number | undefined;
}

const refusalOf = (error: unknown): Refusal => {
  const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
  return { name, message, status: $metadata?.httpStatusCode };
};

const isDenied = ({ name, status }: Refusal): boolean => name === 'AccessDenied' || status === 403;
const MEND_CREDENTIALS = 'sign in again (aws sso login, aws configure), or set the profile with AWS_PROFILE';
/** Names under which S3 says that it does not know who asks. */
const UNKNOWN_CALLER = /InvalidAccessKeyId|SignatureDoesNotMatch|Expired|InvalidToken|UnrecognizedClient/;

/** Whether AWS knows the credentials: one listing of buckets, whose answer, allowed or denied, says so. */
export async function accountCheck(client: S3Client): Promise<Check> {
  const about = 'AWS sign-in';
  try {
    const { Buckets = [] } = await client.send(new ListBucketsCommand({ MaxBuckets: 1 }));
    return ok(about, `accepted${Buckets.length > 0 ? '' : '; no bucket to see'}`);
  } catch (error) {
    const refusal = refusalOf(error);
    if (UNKNOWN_CALLER.test(refusal.name)) return fail(about, refusal.message, MEND_CREDENTIALS);
    if (isDenied(refusal)) return ok(about, 'accepted; buckets may not be listed, which nothing here needs');
    return fail(about, refusal.message, 'check the network, a proxy, --region and --endpoint-url');
  }
}

async function looked(about: string, look: () => Promise<Check>, needed: string): Promise<Check> {
  try {
    return await look();
  } catch (error) {
    const refusal = refusalOf(error);
    if (isDenied(refusal)) return warn(about, 'may not be looked at', `allow ${needed} to whoever asks`);
    return fail(about, refusal.message, 'see the message');
  }
}

async function reachable(client: S3Client, bucket: string): Promise<Check> {
  const about = `bucket ${bucket}`;
  try {
    await client.send(new HeadBucketCommand({ Bucket: bucket }));
    return ok(about, 'reached');
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal.status === 404)
      return fail(about, 'no such bucket', 'take LandingBucketName from the outputs of cdk deploy');
    if (refusal.status === 301 || refusal.status === 400)
      return fail(about, 'in another region, or refused as asked', 'name its region with --region');
    if (isDenied(refusal))
      return fail(
        about,
        'access denied',
        'allow s3:ListBucket on it, or take on the uploader role (docs/deploy.md)',
      );
    return fail(about, refusal.message, 'check the network, a proxy, --region and --endpoint-url');
  }
}

const versioning = (client: S3Client, bucket: string): Promise<Check> =>
  looked(
    'versioning',
    async () => {
      const { Status } = await client.send(new GetBucketVersioningCommand({ Bucket: bucket }));
      if (Status === 'Enabled') return ok('versioning', 'enabled');
      return fail('versioning', Status ?? 'never enabled', 'deploy the stack again: it enables versioning');
    },
    's3:GetBucketVersioning',
  );

const eventBridge = (client: S3Client, bucket: string): Promise<Check> =>
  looked(
    'EventBridge',
    async () => {
      const found = await client.send(new GetBucketNotificationConfigurationCommand({ Bucket: bucket }));
      if (found.EventBridgeConfiguration) return ok('EventBridge', 'told of uploads');
      return fail(
        'EventBridge',
        'not told of uploads, so that nothing is ingested before the night',
        'deploy the stack again: it turns the notification on',
      );
    },
    's3:GetBucketNotification',
  );

/** The landing bucket of a deployment, as far as whoever asks may look. */
export async function landingChecks(client: S3Client, bucket: string): Promise<Check[]> {
  const first = await reachable(client, bucket);
  if (first.status === 'fail') return [first];
  return [first, await versioning(client, bucket), await eventBridge(client, bucket)];
}
