import { call } from './aws.ts';
import { ACCOUNT, REGION } from './deployment.ts';

/** The bootstrap's bucket refuses what comes without TLS, which the emulator does not speak. */
await call('s3', 'DeleteBucketPolicy', { Bucket: `cdk-hnb659fds-assets-${ACCOUNT}-${REGION}` });
console.log('adapted: 1 policy of the bucket of the bootstrap left out: it refuses what comes without TLS');
