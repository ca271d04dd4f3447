import { Stack, Validations } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';

/** Rights, spelled out: what a function may read, write, list and send, and nothing besides. */
export const read = (bucket: Bucket, ...prefixes: string[]): PolicyStatement =>
  new PolicyStatement({
    actions: ['s3:GetObject', 's3:GetObjectVersion'],
    resources: objects(bucket, prefixes),
  });

export const write = (bucket: Bucket, ...prefixes: string[]): PolicyStatement =>
  new PolicyStatement({
    actions: ['s3:PutObject', 's3:AbortMultipartUpload'],
    resources: objects(bucket, prefixes),
  });

/** Without the right to list, S3 answers 403 for what is missing, and "not there" cannot be told from "not allowed". */
export const list = (...buckets: Bucket[]): PolicyStatement =>
  new PolicyStatement({
    actions: ['s3:ListBucket', 's3:ListBucketVersions'],
    resources: buckets.map((b) => b.bucketArn),
  });

/**
 * What an uploader that was cut off has to see to go on: what is there with which checksum, and which parts of what it
 * began. S3 tells checksums only to those who may read, and unfinished uploads only by their bucket: that right has no
 * condition on a prefix, and tells their names.
 */
export const resume = (bucket: Bucket, prefix: string): PolicyStatement[] => [
  new PolicyStatement({
    actions: ['s3:GetObject', 's3:ListMultipartUploadParts'],
    resources: objects(bucket, [prefix]),
  }),
  new PolicyStatement({
    actions: ['s3:ListBucket'],
    resources: [bucket.bucketArn],
    conditions: { StringLike: { 's3:prefix': `${prefix}*` } },
  }),
  new PolicyStatement({ actions: ['s3:ListBucketMultipartUploads'], resources: [bucket.bucketArn] }),
];

export const send = (queue: Queue): PolicyStatement =>
  new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [queue.queueArn] });

/** Deletes the current version; former ones stay for as long as the bucket's lifecycle keeps them. */
export const remove = (bucket: Bucket, ...prefixes: string[]): PolicyStatement =>
  new PolicyStatement({ actions: ['s3:DeleteObject'], resources: objects(bucket, prefixes) });

/** Reads and writes objects of buckets that the key encrypts. */
export const useKey = (key: Key): PolicyStatement =>
  new PolicyStatement({ actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [key.keyArn] });

const objects = (bucket: Bucket, prefixes: readonly string[]): string[] =>
  prefixes.length === 0
    ? [bucket.arnForObjects('*')]
    : prefixes.map((prefix) => bucket.arnForObjects(`${prefix}*`));

/** Says, for the one wildcard that is left in rights on objects, why it is there. */
export function acknowledgeObjectPaths(role: IRole, statements: readonly PolicyStatement[]): void {
  for (const resource of new Set(wildcardsOf(Stack.of(role), statements)))
    Validations.of(role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::${resource}]`,
      reason:
        'Object paths below a prefix of one bucket, with named actions on objects alone: S3 has no narrower form.',
    });
}

interface Join {
  'Fn::Join': [string, ({ 'Fn::GetAtt'?: [string, string] } | string)[]];
}

const partName = (part: Join['Fn::Join'][1][number]): string =>
  typeof part === 'string' ? part : `<${part['Fn::GetAtt']?.join('.') ?? ''}>`;

/** Resources with a wildcard, as cdk-nag names them: `<Bucket.Arn>/receipts/*`. */
function wildcardsOf(stack: Stack, statements: readonly PolicyStatement[]): string[] {
  return statements
    .flatMap((s) => s.resources.map((r) => stack.resolve(r) as Join | object | string))
    .flatMap((r) =>
      typeof r === 'object' && 'Fn::Join' in r ? [r['Fn::Join'][1].map(partName).join('')] : [],
    )
    .filter((name) => name.endsWith('*'));
}
