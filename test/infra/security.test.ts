import { Match } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, test } from 'vitest';
import type { StageInput } from '../../infra/stage.ts';
import { actionsOf, Deployment, type Statement } from './deployment.ts';

const COLLECTOR = 'arn:aws:iam::111122223333:role/collector';
const ANALYST = 'arn:aws:iam::111122223333:role/team/analyst';
const GUARDED: StageInput = {
  name: 'guarded',
  kms: true,
  uploaders: [{ program: 'own-chip', principals: [COLLECTOR] }],
  readers: [ANALYST],
};

let plain: Deployment;
let guarded: Deployment;

beforeAll(() => {
  plain = new Deployment();
  guarded = new Deployment(GUARDED);
});

const both = (): Deployment[] => [plain, guarded];
const text = (value: unknown): string => JSON.stringify(value);
const rolesOf = (deployment: Deployment): string[] =>
  Object.keys(deployment.resources).filter((id) => deployment.resources[id]?.Type === 'AWS::IAM::Role');
const functionRolesOf = (deployment: Deployment): string[] =>
  rolesOf(deployment).filter((id) =>
    text(deployment.resources[id]?.Properties.AssumeRolePolicyDocument).includes('lambda.amazonaws.com'),
  );
/** Buckets by their logical names without the hash. */
const bucketsOf = (deployment: Deployment): Record<string, Readonly<Record<string, unknown>>> =>
  Object.fromEntries(
    Object.entries(deployment.resources)
      .filter(([, r]) => r.Type === 'AWS::S3::Bucket')
      .map(([id, r]) => [id.replace(/[0-9A-F]{8}$/, ''), r.Properties]),
  );
/** What a key's policy lets services of AWS do. */
const serviceStatements = (deployment: Deployment, id: string): (Statement & { Principal: object })[] => {
  const policy = deployment.resources[id]?.Properties.KeyPolicy as {
    Statement: (Statement & { Principal: object })[];
  };
  return policy.Statement.filter((s) => 'Service' in s.Principal);
};
const OURS = ['BucketsLanding', 'BucketsLake', 'BucketsReports'];

describe('buckets', () => {
  test('are closed to the public, and own what is put into them', () => {
    for (const { template } of both())
      template.allResourcesProperties('AWS::S3::Bucket', {
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      });
  });
  test('refuse what is not TLS 1.2, each by its own policy', () => {
    for (const deployment of both()) {
      const policies = deployment.ofType('AWS::S3::BucketPolicy');
      expect(policies).toHaveLength(Object.keys(bucketsOf(deployment)).length);
      for (const { Properties } of policies) {
        const denials = (Properties.PolicyDocument as { Statement: Statement[] }).Statement.filter(
          (s) => s.Effect === 'Deny' && s.Action === 's3:*',
        ).map((s) => s.Condition);
        expect(denials).toContainEqual({ Bool: { 'aws:SecureTransport': 'false' } });
        expect(denials).toContainEqual({ NumericLessThan: { 's3:TlsVersion': 1.2 } });
      }
    }
  });
  test('keep versions, write access logs, and end uploads that nobody finished', () => {
    const buckets = bucketsOf(plain);
    for (const name of OURS) {
      expect(buckets[name]).toMatchObject({
        VersioningConfiguration: { Status: 'Enabled' },
        LoggingConfiguration: { LogFilePrefix: expect.stringMatching(/^(landing|lake|reports)\/$/) },
      });
      const lifecycle = buckets[name]?.LifecycleConfiguration as { Rules: object[] } | undefined;
      expect(lifecycle?.Rules).toContainEqual(
        expect.objectContaining({
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
          NoncurrentVersionExpiration: { NoncurrentDays: 365 },
        }),
      );
    }
  });
  test('take access logs from this account’s buckets alone', () => {
    const delivery = plain
      .ofType('AWS::S3::BucketPolicy')
      .filter((p) => text(p).includes('logging.s3.amazonaws.com'));
    expect(delivery.length).toBeGreaterThan(0);
    for (const policy of delivery) expect(text(policy)).toMatch(/aws:SourceArn/);
    expect(text(delivery)).toMatch(/aws:SourceAccount/);
  });
  test('are encrypted by S3, or by our key where the stage says so; access logs always by S3', () => {
    const encryption = (deployment: Deployment, name: string): unknown => {
      const [, algorithm] =
        /"SSEAlgorithm":"([^"]+)"/.exec(text(bucketsOf(deployment)[name]?.BucketEncryption)) ?? [];
      return algorithm;
    };
    for (const name of OURS) {
      expect(encryption(plain, name)).toBe('AES256');
      expect(encryption(guarded, name)).toBe('aws:kms');
    }
    expect(encryption(guarded, 'BucketsAccessLogs')).toBe('AES256');
  });
});

describe('queues and topics', () => {
  test('are encrypted, and refuse what is not TLS', () => {
    for (const deployment of both()) {
      const queues = deployment.ofType('AWS::SQS::Queue');
      for (const { Properties } of queues) expect(Properties.SqsManagedSseEnabled).toBe(true);
      expect(deployment.ofType('AWS::SQS::QueuePolicy')).toHaveLength(queues.length);
      const topics = deployment.ofType('AWS::SNS::Topic');
      expect(topics).toHaveLength(2);
      for (const { Properties } of topics) expect(Properties.KmsMasterKeyId).toBeDefined();
      const policies = [
        ...deployment.ofType('AWS::SQS::QueuePolicy'),
        ...deployment.ofType('AWS::SNS::TopicPolicy'),
      ];
      for (const policy of policies) expect(text(policy)).toMatch(/"Bool":\{"aws:SecureTransport":"false"\}/);
    }
  });
  test('take messages of services on behalf of a rule or a schedule of ours alone', () => {
    for (const { Properties } of plain.ofType('AWS::SQS::QueuePolicy')) {
      const allowed = (Properties.PolicyDocument as { Statement: Statement[] }).Statement.filter(
        (s) => s.Effect === 'Allow',
      );
      for (const statement of allowed) expect(text(statement.Condition)).toMatch(/aws:SourceArn|aws:Source/);
    }
  });
  test('have a key that rotates, which services use for this account, and which protects no data', () => {
    for (const [deployment, keys] of [
      [plain, 1],
      [guarded, 2],
    ] as const) {
      deployment.template.resourceCountIs('AWS::KMS::Key', keys);
      deployment.template.allResourcesProperties('AWS::KMS::Key', { EnableKeyRotation: true });
      const topics = deployment.idOf('AWS::KMS::Key', 'EncryptionTopics');
      for (const { Properties } of deployment.ofType('AWS::SNS::Topic'))
        expect(text(Properties.KmsMasterKeyId)).toContain(topics);
      const [ofAlarms, ofEvents, ...others] = serviceStatements(deployment, topics);
      expect(others).toEqual([]);
      expect(ofAlarms).toMatchObject({
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      });
      expect(ofEvents?.Principal).toEqual({ Service: 'events.amazonaws.com' });
    }
    const data = guarded.idOf('AWS::KMS::Key', 'EncryptionBuckets');
    expect(serviceStatements(guarded, data)).toEqual([]);
    expect(text(guarded.ofType('AWS::S3::Bucket'))).toContain(data);
  });
});

describe('functions', () => {
  test('have a role each, without managed policies', () => {
    for (const deployment of both()) {
      const functions = deployment.ofType('AWS::Lambda::Function');
      expect(functions).toHaveLength(5);
      expect(new Set(functions.map((f) => text(f.Properties.Role))).size).toBe(5);
      for (const id of rolesOf(deployment))
        expect(deployment.resources[id]?.Properties).not.toHaveProperty('ManagedPolicyArns');
      expect(functionRolesOf(deployment)).toHaveLength(5);
    }
  });
  test('may do named things to named resources; reading metrics is the one thing without a resource', () => {
    for (const deployment of both())
      for (const id of functionRolesOf(deployment))
        for (const statement of deployment.rightsOf(id)) {
          for (const action of actionsOf(statement)) expect(action).not.toContain('*');
          if (statement.Resource === '*') {
            expect(id).toMatch(/^WeeklyWorkerRole/);
            expect(actionsOf(statement)).toEqual(['cloudwatch:GetMetricData']);
          }
        }
  });
  test('never write to the landing bucket', () => {
    const landing = plain.idOf('AWS::S3::Bucket', 'BucketsLanding');
    let writes = 0;
    for (const id of functionRolesOf(plain))
      for (const statement of plain.rightsOf(id))
        if (text(statement.Action).match(/s3:(Put|Delete)/)) {
          writes += 1;
          expect(text(statement.Resource)).not.toContain(landing);
        }
    expect(writes).toBeGreaterThan(4);
  });
  test('of the way from an event write nothing that would call themselves', () => {
    const role = plain.idOf('AWS::IAM::Role', 'WorkersEvaluateWorkerRole');
    const writes = plain.rightsOf(role).filter((s) => text(s.Action).includes('s3:PutObject'));
    expect(writes).not.toEqual([]);
    for (const { Resource } of writes) expect(text(Resource)).not.toContain('receipts/');
  });
  test('log to a group of their own, which forgets, and to no other', () => {
    const groups = plain.ofType('AWS::Logs::LogGroup');
    expect(groups).toHaveLength(6);
    for (const { Properties } of groups) expect(Properties.RetentionInDays).toBe(90);
    plain.template.allResourcesProperties('AWS::Lambda::Function', {
      LoggingConfig: { LogGroup: Match.anyValue() },
    });
    for (const id of functionRolesOf(plain)) {
      const logs = plain.rightsOf(id).filter((s) => text(s.Action).includes('logs:'));
      expect(logs).toHaveLength(1);
      expect(text(logs[0]?.Resource)).toMatch(/Log[0-9A-F]{8}","Arn"/);
    }
  });
  test('use our key only where buckets do', () => {
    const uses = (deployment: Deployment): number =>
      functionRolesOf(deployment).filter((id) => text(deployment.rightsOf(id)).includes('kms:Decrypt'))
        .length;
    expect(uses(plain)).toBe(0);
    expect(uses(guarded)).toBe(5);
  });
  test('run Node 24 on arm64', () => {
    plain.template.allResourcesProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
    });
  });
});

describe('people and machines outside', () => {
  test('are let in by nobody but the stage', () => {
    expect(rolesOf(plain).filter((id) => id.startsWith('Roles'))).toEqual([]);
  });
  test('upload to their program alone, with bodies that a checksum or a signature protects', () => {
    const id = guarded.idOf('AWS::IAM::Role', 'RolesUploaderownchip');
    expect(text(guarded.resources[id]?.Properties.AssumeRolePolicyDocument)).toContain(COLLECTOR);
    const rights = guarded.rightsOf(id);
    const [objects, list, unfinished, refuse, key] = rights;
    // What is read is what the program uploaded: S3 tells a checksum, by which a push goes on, to none but readers.
    expect(objects && [...actionsOf(objects)].sort()).toEqual([
      's3:AbortMultipartUpload',
      's3:GetObject',
      's3:ListMultipartUploadParts',
      's3:PutObject',
    ]);
    expect(text(objects?.Resource)).toMatch(/BucketsLanding[0-9A-F]{8}","Arn"\]\},"\/own-chip\/\*"/);
    expect(list).toMatchObject({
      Action: 's3:ListBucket',
      Condition: { StringLike: { 's3:prefix': 'own-chip/*' } },
    });
    expect(unfinished?.Action).toBe('s3:ListBucketMultipartUploads');
    expect(text(rights)).not.toMatch(/s3:Delete|BucketsLake|BucketsReports/);
    expect(refuse).toMatchObject({
      Effect: 'Deny',
      Action: 's3:PutObject',
      Condition: { StringEquals: { 's3:x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } },
    });
    expect(key?.Action).toEqual(['kms:Decrypt', 'kms:GenerateDataKey']);
    expect(rights).toHaveLength(5);
  });
  test('read reports and nothing else', () => {
    const id = guarded.idOf('AWS::IAM::Role', 'RolesReader');
    expect(text(guarded.resources[id]?.Properties.AssumeRolePolicyDocument)).toContain(ANALYST);
    const s3 = guarded.rightsOf(id).filter((s) => text(s.Action).includes('s3:'));
    expect(s3.flatMap(actionsOf).filter((a) => !/^s3:(Get|List)/.test(a))).toEqual([]);
    expect(s3.flatMap(actionsOf)).toContain('s3:GetObject');
    for (const { Resource } of s3) expect(text(Resource)).toMatch(/^[^B]*BucketsReports[^B]*$/);
  });
});
