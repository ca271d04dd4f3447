import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { S3Store } from '../../../functions/platform/s3-store.ts';
import { describeObjectStore } from '../object-store-suite.ts';

const client = new S3Client({ forcePathStyle: true });
let buckets = 0;

describeObjectStore('S3', async () => {
  buckets += 1;
  const Bucket = `conformance-${process.pid}-${buckets}`;
  await client.send(new CreateBucketCommand({ Bucket }));
  await client.send(
    new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }),
  );
  return new S3Store(Bucket, client);
});
