import { readFileSync, writeFileSync } from 'node:fs';

/** Makes of a synthesised template one that the emulator takes, and says what was changed: no code of ours does. */
interface Resource {
  Type: string;
  Properties: Record<string, unknown> & { Environment?: { Variables: Record<string, string> } };
}
interface MathMetric {
  readonly MetricStat?: {
    readonly Metric: {
      readonly Namespace: string;
      readonly MetricName: string;
      readonly Dimensions?: unknown;
    };
    readonly Period: number;
    readonly Stat: string;
  };
}

const [file = '', endpoint = ''] = process.argv.slice(2);
const template = JSON.parse(readFileSync(file, 'utf8')) as { Resources: Record<string, Resource> };
const changes = new Map<string, number>();
const changed = (what: string): void => void changes.set(what, (changes.get(what) ?? 0) + 1);

/** The first metric of the expression in its place, so that the alarm and what refers to it are there. */
function withoutMath(properties: Resource['Properties']): void {
  const { MetricStat } = (properties.Metrics as MathMetric[]).find((m) => m.MetricStat) as MathMetric;
  const { Metric, Period, Stat } = MetricStat as NonNullable<MathMetric['MetricStat']>;
  delete properties.Metrics;
  Object.assign(properties, { ...Metric, Period, Statistic: Stat });
}

interface Statement {
  Condition?: { Bool?: Record<string, string>; StringEquals?: Record<string, string> };
}

/** Where nobody speaks TLS, what is refused without it is refused with it; the statement stays to be read back. */
function adaptStatement(statement: Statement): void {
  const { Bool, StringEquals } = statement.Condition ?? {};
  if (Bool?.['aws:SecureTransport'] === 'false') {
    Bool['aws:SecureTransport'] = 'true';
    changed('statements that refuse what comes without TLS turned round: it speaks none');
  }
  if (StringEquals?.['events:source']) {
    delete statement.Condition;
    changed('statement without its condition on source and type of an event: it knows no such key');
  }
}

/** Statements of a resource: of its own policy, and of those within a role. */
const statementsOf = ({ PolicyDocument, Policies }: Resource['Properties']): Statement[] =>
  [
    PolicyDocument,
    ...((Policies ?? []) as { PolicyDocument: unknown }[]).map((p) => p.PolicyDocument),
  ].flatMap((document) => (document as { Statement: Statement[] } | undefined)?.Statement ?? []);

for (const [name, { Type, Properties }] of Object.entries(template.Resources)) {
  for (const statement of statementsOf(Properties)) adaptStatement(statement);
  if (Type === 'AWS::Athena::NamedQuery') {
    delete template.Resources[name];
    changed('named queries left out: no resource of its CloudFormation');
  } else if (Type === 'AWS::CloudWatch::Alarm' && Properties.Metrics) {
    withoutMath(Properties);
    changed('alarms on the first metric of their expression: it knows no metric math');
  } else if (Type === 'AWS::Lambda::Function' && Properties.Environment) {
    Properties.Environment.Variables.AWS_ENDPOINT_URL = endpoint;
    changed('functions told where the emulator is');
  }
}
writeFileSync(file, JSON.stringify(template));
for (const [what, times] of changes) console.log(`adapted: ${times} ${what}`);
