import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  BlockPublicAccess,
  Bucket,
  type BucketProps,
  type CfnBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

const TLS_MINIMUM = 1.2;
/** Uploads that were never finished, and versions that were replaced. */
const ABANDONED_UPLOAD = Duration.days(7);
const OLD_VERSIONS = Duration.days(365);
const ACCESS_LOGS = Duration.days(90);

const SAFE: BucketProps = {
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  enforceSSL: true,
  minimumTLSVersion: TLS_MINIMUM,
  objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
  removalPolicy: RemovalPolicy.RETAIN,
};

/** Landing, lake and reports, with one bucket for their access logs. */
export class Buckets extends Construct {
  readonly landing: Bucket;
  readonly lake: Bucket;
  readonly reports: Bucket;
  readonly accessLogs: Bucket;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.accessLogs = new Bucket(this, 'AccessLogs', {
      ...SAFE,
      lifecycleRules: [{ expiration: ACCESS_LOGS }],
    });
    this.landing = this.bucket('Landing', true);
    this.lake = this.bucket('Lake', true);
    this.reports = this.bucket('Reports', false);
  }

  private bucket(id: string, announces: boolean): Bucket {
    const bucket = new Bucket(this, id, {
      ...SAFE,
      versioned: true,
      serverAccessLogsBucket: this.accessLogs,
      serverAccessLogsPrefix: `${id.toLowerCase()}/`,
      lifecycleRules: [
        { abortIncompleteMultipartUploadAfter: ABANDONED_UPLOAD, noncurrentVersionExpiration: OLD_VERSIONS },
      ],
    });
    if (announces) {
      // The L2 property would add a custom-resource function with rights of its own; this is the same without it.
      (bucket.node.defaultChild as CfnBucket).notificationConfiguration = {
        eventBridgeConfiguration: { eventBridgeEnabled: true },
      };
    }
    return bucket;
  }
}
