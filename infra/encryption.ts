import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

/**
 * The key of a deployment. Topics always need one: EventBridge and CloudWatch cannot use the key that AWS manages for
 * SNS. Buckets use it where the stage says so.
 */
export class Encryption extends Construct {
  readonly key: Key;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.key = new Key(this, 'Key', { enableKeyRotation: true, removalPolicy: RemovalPolicy.RETAIN });
    for (const service of ['events', 'cloudwatch'])
      this.key.addToResourcePolicy(
        new PolicyStatement({
          sid: `Publish${service}`,
          actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
          principals: [new ServicePrincipal(`${service}.amazonaws.com`)],
          resources: ['*'], // in a key's policy: this key
          conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
        }),
      );
  }
}
