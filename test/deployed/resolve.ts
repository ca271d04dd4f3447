import { ACCOUNT, type Deployment, REGION } from './deployment.ts';

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::AccountId': ACCOUNT,
  'AWS::Region': REGION,
  'AWS::URLSuffix': 'amazonaws.com',
};
const at = (service: string, resource: string): string =>
  `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;
const last = (id: string): string => id.split('/').at(-1) as string;

/** ARNs as AWS makes them of names: what the emulator says it made has to fit them. */
const ARNS: Readonly<Record<string, (id: string) => string>> = {
  'AWS::S3::Bucket': (id) => `arn:aws:s3:::${id}`,
  'AWS::SQS::Queue': (id) => at('sqs', last(id)),
  'AWS::KMS::Key': (id) => at('kms', `key/${last(id)}`),
  'AWS::Events::Rule': (id) => at('events', `rule/${last(id)}`),
  'AWS::Logs::LogGroup': (id) => at('logs', `log-group:${id}:*`),
  'AWS::IAM::Role': (id) => `arn:aws:iam::${ACCOUNT}:role/${id}`,
  'AWS::Lambda::Function': (id) => at('lambda', `function:${id}`),
  'AWS::CloudWatch::Alarm': (id) => at('cloudwatch', `alarm:${id}`),
};

type Node = null | boolean | number | string | Node[] | { [key: string]: Node };

/** A part of the template with every reference replaced. @throws Error for one that it does not know. */
export function resolved(deployment: Deployment, node: unknown): unknown {
  const { template, physical } = deployment;
  const idOf = (name: string): string => {
    const id = PSEUDO[name] ?? physical.get(name);
    if (id === undefined) throw new Error(`${name}: expected a resource that was made`);
    return id;
  };
  const attribute = (name: string, what: string): string => {
    const type = template.Resources[name]?.Type ?? '';
    if (what === 'QueueName') return last(idOf(name));
    const arn = what === 'Arn' ? ARNS[type] : undefined;
    if (!arn) throw new Error(`${type} ${name}: attribute ${what} is not known here`);
    return arn(idOf(name));
  };
  const walk = (value: Node): Node => {
    if (Array.isArray(value)) return value.map(walk);
    if (value === null || typeof value !== 'object') return value;
    const [name, argument] = Object.entries(value)[0] ?? [];
    if (name === 'Ref') return idOf(argument as string);
    if (name === 'Fn::GetAtt') return attribute(...(argument as [string, string]));
    if (name === 'Fn::Join') {
      const [separator, parts] = argument as [string, Node[]];
      return parts.map(walk).join(separator);
    }
    if (name === 'Fn::Sub')
      return (argument as string).replaceAll(/\$\{([\w:]+)\}/g, (_, ref: string) => idOf(ref));
    if (name === 'Fn::Split') {
      const [separator, text] = argument as [string, Node];
      return (walk(text) as string).split(separator);
    }
    if (name === 'Fn::Select') {
      const [index, list] = argument as [number, Node];
      return (walk(list) as Node[])[index] ?? null;
    }
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, walk(part)]));
  };
  return walk(node as Node);
}

export interface Difference {
  /** Of properties, as in `Targets.RetryPolicy`; positions in lists are left out. */
  readonly path: string;
  readonly expected: unknown;
  /** Undefined where the service says nothing of it. */
  readonly found: unknown;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Where what was read back is not what was asked for. What a service adds of its own is no difference. */
export function differences(expected: unknown, found: unknown, path = ''): Difference[] {
  if (found === undefined || found === null)
    return expected === undefined ? [] : [{ path, expected, found: undefined }];
  if (Array.isArray(expected) && Array.isArray(found) && expected.length === found.length)
    return expected.flatMap((part, i) => differences(part, found[i], path));
  if (isObject(expected) && isObject(found))
    return Object.entries(expected).flatMap(([key, part]) =>
      differences(part, found[key], path === '' ? key : `${path}.${key}`),
    );
  const isSame = !isObject(expected) && !Array.isArray(expected) && String(expected) === String(found);
  return isSame ? [] : [{ path, expected, found }];
}
