import { type Check, ok, warn } from './check.ts';

/** What the environment and the files of the AWS command line say, without asking anybody. */
export interface AwsSettings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Text of ~/.aws/credentials and ~/.aws/config; null where there is none. */
  readonly credentials: string | null;
  readonly config: string | null;
  readonly region?: string;
}

type Section = ReadonlyMap<string, string>;

/** Sections of an INI file by name; of config, `profile x` is x. */
function sectionsOf(text: string | null): ReadonlyMap<string, Section> {
  const sections = new Map<string, Map<string, string>>();
  let current = new Map<string, string>();
  for (const line of (text ?? '').split(/\r?\n/)) {
    const [, name] = /^\s*\[\s*(?:profile\s+)?([^\]]+?)\s*\]/.exec(line) ?? [];
    const [, key, value] = /^\s*([A-Za-z_]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined) {
      current = sections.get(name) ?? new Map();
      sections.set(name, current);
    } else if (key !== undefined && value !== undefined) current.set(key.toLowerCase(), value);
  }
  return sections;
}

const SIGN_IN =
  'only uploads and deployments need them: run aws configure or aws sso login, or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';

/** Where credentials would come from, in the order of the SDK. */
function credentialsCheck({ env, credentials, config }: AwsSettings): Check {
  const about = 'AWS credentials';
  const profile = env.AWS_PROFILE ?? 'default';
  const id = env.AWS_ACCESS_KEY_ID;
  if (id && env.AWS_SECRET_ACCESS_KEY) return ok(about, 'in the environment');
  if (id) return warn(about, 'AWS_ACCESS_KEY_ID without AWS_SECRET_ACCESS_KEY', 'set both, or neither');
  if (sectionsOf(credentials).get(profile)?.has('aws_access_key_id'))
    return ok(about, `profile ${profile} of ~/.aws/credentials`);
  const section = sectionsOf(config).get(profile);
  const way = ['sso_session', 'sso_start_url', 'role_arn', 'credential_process', 'aws_access_key_id'].find(
    (key) => section?.has(key),
  );
  if (way) return ok(about, `profile ${profile} of ~/.aws/config (${way})`);
  if (env.AWS_PROFILE)
    return warn(about, `profile ${profile} is in neither ~/.aws/credentials nor ~/.aws/config`, SIGN_IN);
  if (env.AWS_WEB_IDENTITY_TOKEN_FILE) return ok(about, 'a web identity');
  if (env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI ?? env.AWS_CONTAINER_CREDENTIALS_FULL_URI)
    return ok(about, 'the role of the container');
  return warn(about, 'none found; the role of an EC2 host shows only with --aws', SIGN_IN);
}

function regionCheck({ env, config, region }: AwsSettings): Check {
  const profile = env.AWS_PROFILE ?? 'default';
  const found =
    region ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? sectionsOf(config).get(profile)?.get('region');
  if (found === undefined || found === '')
    return warn('AWS region', 'none', 'set AWS_REGION, or region in the profile of ~/.aws/config');
  if (/^[a-z]{2}(?:-[a-z]+)+-\d$/.test(found)) return ok('AWS region', found);
  return warn('AWS region', JSON.stringify(found), 'expected a region such as us-east-1');
}

/** Neither fails: everything but uploads and deployments works without AWS. */
export const settingsChecks = (settings: AwsSettings): Check[] => [
  credentialsCheck(settings),
  regionCheck(settings),
];
