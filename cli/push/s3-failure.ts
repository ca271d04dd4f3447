import { InputError, TransientError, type WattlineError } from '../../functions/core/errors.ts';

/** What was asked of S3, in the words of IAM. */
export interface Asked {
  readonly bucket: string;
  /** Such as s3:PutObject. */
  readonly action: string;
  /** Key or prefix. */
  readonly place: string;
}

interface AwsError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly ServerTime?: string;
  readonly Region?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const OF_CREDENTIALS: Readonly<Record<string, string>> = {
  CredentialsProviderError: 'no AWS credentials were found',
  TokenProviderError: 'the single sign-on session has ended',
  ExpiredToken: 'the AWS credentials have expired',
  ExpiredTokenException: 'the AWS credentials have expired',
  InvalidAccessKeyId: 'AWS does not know these credentials',
  InvalidToken: 'AWS does not know these credentials',
  SignatureDoesNotMatch: 'the secret of the AWS credentials is wrong',
};
const UNREACHABLE = [
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'EHOSTUNREACH',
  'ETIMEDOUT',
];
/** What arrived is not what was sent, or not what its checksum says. */
const DAMAGED = ['BadDigest', 'XAmzContentSHA256Mismatch', 'XAmzContentChecksumMismatch', 'InvalidDigest'];

function clockText({ ServerTime }: AwsError): string {
  const theirs = ServerTime === undefined ? Number.NaN : Date.parse(ServerTime);
  if (Number.isNaN(theirs)) return 'the clock of this machine is off by more than S3 accepts';
  const minutes = Math.round(Math.abs(Date.now() - theirs) / 60_000);
  return `the clock of this machine is ${minutes} minutes ${Date.now() > theirs ? 'ahead of' : 'behind'} S3's`;
}

/**
 * What a failed call becomes: who or what has to change, in one sentence. Codes: `no-credentials`, `no-region`,
 * `no-bucket`, `wrong-region`, `denied`, `clock`, `precondition`, `conflict`, `no-upload`, `damaged` (input), and
 * `unreachable`, `s3` (transient).
 */
export function s3Failure(cause: unknown, { bucket, action, place }: Asked): WattlineError {
  const error = cause as AwsError;
  const { name = '', message = '', code = '' } = error;
  const status = error.$metadata?.httpStatusCode ?? 0;
  const where = `s3://${bucket}/${place}`;
  const input = (kind: string, text: string): InputError => new InputError(kind, text, { cause });
  const ofCredentials = OF_CREDENTIALS[name];
  if (ofCredentials !== undefined)
    return input(
      'no-credentials',
      `${ofCredentials}; expected those of an uploader in the environment, a profile or a role (aws sts get-caller-identity must answer)`,
    );
  if (/region is missing/i.test(message))
    return input('no-region', 'no AWS region; expected --region, AWS_REGION or one in the profile');
  if (name === 'NoSuchBucket')
    return input(
      'no-bucket',
      `there is no bucket ${bucket}; expected the LandingBucketName of the stack (cdk deploy prints it)`,
    );
  if (name === 'PermanentRedirect' || name === 'AuthorizationHeaderMalformed' || status === 301)
    return input('wrong-region', `bucket ${bucket} is in another region; expected its own as --region`);
  if (name === 'RequestTimeTooSkewed' || name === 'RequestExpired')
    return input('clock', `${clockText(error)}; expected less than 15 minutes. Set it, and push again`);
  if (status === 412) return input('precondition', `${where} is not as it was expected to be`);
  if (status === 409) return input('conflict', `${where} was written by somebody else at the same time`);
  if (name === 'NoSuchUpload')
    return input('no-upload', `the upload of ${where} in parts is not there any more`);
  if (DAMAGED.includes(name))
    return input('damaged', `${where}: what arrived is not what was sent (${name}); push again`);
  if (status === 403 || name === 'AccessDenied')
    return input(
      'denied',
      `these credentials may not ${action} on ${where}; expected a role of the stack for this program (Uploader<program>RoleArn)`,
    );
  if (UNREACHABLE.includes(code) || name === 'TimeoutError')
    return new TransientError(
      'unreachable',
      `${bucket}: S3 did not answer (${code || name}); push again, and it goes on from here`,
      { cause },
    );
  return new TransientError(
    's3',
    `${where}: ${action} failed (${[name, status || '', message].filter((part) => part !== '').join(' ')}); push again, and it goes on from here`,
    { cause },
  );
}

export const hasCode = (error: unknown, ...codes: string[]): boolean =>
  codes.includes((error as Partial<WattlineError>).code ?? '');
