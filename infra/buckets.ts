import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { Key } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  type CfnBucket,
  type LifecycleRule,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Stage } from './stage.ts';

export interface BucketsProps {
  readonly retention: Stage['retention'];
  /** Encrypts landing, lake and reports; without one S3's own key does. */
  readonly key?: Key | undefined;
}

const TLS_MINIMUM = 1.2;
/** Uploads that were never finished. */
const ABANDONED_UPLOAD = Duration.days(7);
/** Lists of runs and results of the map, of nights that nobody looks at any more. */
const NIGHTS = Duration.days(90);

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
  private readonly props: BucketsProps;

  constructor(scope: Construct, id: string, props: BucketsProps) {
    super(scope, id);
    this.props = props;
    const { landingDays, pointersDays, accessLogsDays } = props.retention;
    this.accessLogs = new Bucket(this, 'AccessLogs', {
      ...SAFE,
      encryption: BucketEncryption.S3_MANAGED, // the only one that the delivery of access logs can write to
      lifecycleRules: [{ expiration: Duration.days(accessLogsDays) }],
    });
    this.landing = this.bucket(
      'Landing',
      landingDays === null ? [] : [{ expiration: Duration.days(landingDays) }],
    );
    // Results lie at the digest of their inputs and are written once: what has former versions here is pointers.
    const pointers = ['evaluations/', 'decisions/', 'verdicts/'].map((prefix) => ({
      prefix,
      noncurrentVersionExpiration: Duration.days(pointersDays),
    }));
    this.lake = this.bucket('Lake', [...pointers, { prefix: 'nights/', expiration: NIGHTS }]);
    this.reports = this.bucket('Reports', []);
    for (const bucket of [this.landing, this.lake]) announce(bucket);
  }

  private bucket(id: string, rules: readonly LifecycleRule[]): Bucket {
    const { key, retention } = this.props;
    return new Bucket(this, id, {
      ...SAFE,
      versioned: true,
      ...(key
        ? { encryption: BucketEncryption.KMS, encryptionKey: key, bucketKeyEnabled: true }
        : { encryption: BucketEncryption.S3_MANAGED }),
      serverAccessLogsBucket: this.accessLogs,
      serverAccessLogsPrefix: `${id.toLowerCase()}/`,
      lifecycleRules: [
        {
          abortIncompleteMultipartUploadAfter: ABANDONED_UPLOAD,
          noncurrentVersionExpiration: Duration.days(retention.oldVersionsDays),
          expiredObjectDeleteMarker: true,
        },
        ...rules,
      ],
    });
  }
}

/** The L2 property would add a custom-resource function with rights of its own; this is the same without it. */
function announce(bucket: Bucket): void {
  (bucket.node.defaultChild as CfnBucket).notificationConfiguration = {
    eventBridgeConfiguration: { eventBridgeEnabled: true },
  };
}
