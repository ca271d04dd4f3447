import { CfnOutput, Stack } from 'aws-cdk-lib';
import {
  ArnPrincipal,
  CompositePrincipal,
  Effect,
  PolicyDocument,
  PolicyStatement,
  Role,
} from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledgeObjectPaths, list, read, resume, useKey, write } from './access.ts';
import type { Stage } from './stage.ts';

export interface RolesProps {
  readonly stage: Pick<Stage, 'uploaders' | 'readers'>;
  readonly landing: Bucket;
  readonly reports: Bucket;
  readonly key?: Key | undefined;
}

/**
 * S3 has no condition on checksums as such. What it can refuse is a body that nothing protects: `UNSIGNED-PAYLOAD` in
 * x-amz-content-sha256. What is left is a signed SHA-256 of the body, or a trailer with a checksum, which is what the
 * AWS tools send by default since 2025.
 */
const refuseUnprotected = (bucket: Bucket): PolicyStatement =>
  new PolicyStatement({
    sid: 'RefuseUnprotectedBodies',
    effect: Effect.DENY,
    actions: ['s3:PutObject'],
    resources: [bucket.arnForObjects('*')],
    conditions: { StringEquals: { 's3:x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } },
  });

/** Roles for people and machines outside: one a program that may upload to it alone, with what `wattline push` needs, and one that may read reports. */
export class Roles extends Construct {
  constructor(scope: Construct, id: string, { stage, landing, reports, key }: RolesProps) {
    super(scope, id);
    for (const { program, principals } of stage.uploaders)
      this.role(`Uploader-${program}`, principals, [
        write(landing, `${program}/`),
        ...resume(landing, `${program}/`),
        refuseUnprotected(landing),
        ...(key ? [useKey(key)] : []),
      ]);
    if (stage.readers.length > 0)
      this.role('Reader', stage.readers, [read(reports), list(reports), ...(key ? [useKey(key)] : [])]);
  }

  private role(id: string, principals: readonly string[], statements: readonly PolicyStatement[]): void {
    const role = new Role(this, id, {
      assumedBy: new CompositePrincipal(...principals.map((arn) => new ArnPrincipal(arn))),
      inlinePolicies: { objects: new PolicyDocument({ statements: [...statements] }) },
    });
    acknowledgeObjectPaths(role, statements);
    new CfnOutput(Stack.of(this), `${id.replace(/[^A-Za-z0-9]/g, '')}RoleArn`, { value: role.roleArn });
  }
}
