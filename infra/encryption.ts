import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

export interface EncryptionProps {
  /** Buckets are encrypted with a key of our own. */
  readonly ofBuckets: boolean;
}

/** The keys of a deployment: what services may use to publish is another one than what protects data. */
export class Encryption extends Construct {
  /** Topics always need one: EventBridge and CloudWatch cannot use the key that AWS manages for SNS. */
  readonly topics: Key;
  readonly buckets: Key | undefined;

  constructor(scope: Construct, id: string, { ofBuckets }: EncryptionProps) {
    super(scope, id);
    this.topics = this.key('Topics');
    // What EventBridge needs, the rule's target adds; it knows no condition there.
    this.topics.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsOfThisAccount',
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        resources: ['*'], // in a key's policy: this key
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    this.buckets = ofBuckets ? this.key('Buckets') : undefined;
  }

  private key(id: string): Key {
    return new Key(this, id, { enableKeyRotation: true, removalPolicy: RemovalPolicy.RETAIN });
  }
}
