const MOTO = 'moto’s services (test/conformance/templates/moto_rest.py)';
const SECURITY = 'test/infra/security.test.ts';
/** Refused here with TLS instead of without (adapt.ts). */
const TLS = { 'PolicyDocument.Statement.Condition.Bool.aws:SecureTransport': `${SECURITY}, cdk-nag` };

/** What the emulator does not tell of a resource, by type and property, and what looks at it instead. */
export const GAPS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'AWS::S3::Bucket': {
    LifecycleConfiguration: `${SECURITY}, test/infra/stages.test.ts, ${MOTO}`,
    LoggingConfiguration: SECURITY,
  },
  'AWS::S3::BucketPolicy': TLS,
  'AWS::SQS::QueuePolicy': TLS,
  'AWS::SNS::TopicPolicy': TLS,
  'AWS::IAM::Role': { 'Policies.PolicyDocument.Statement.Condition': 'test/infra/flow.test.ts' },
  'AWS::SNS::Topic': { KmsMasterKeyId: SECURITY },
  'AWS::StepFunctions::StateMachine': {
    'LoggingConfiguration.Destinations': 'cdk-nag (AwsSolutions-SF1)',
    'LoggingConfiguration.IncludeExecutionData': 'cdk-nag (AwsSolutions-SF1)',
    'LoggingConfiguration.Level': 'cdk-nag (AwsSolutions-SF1)',
    TracingConfiguration: 'cdk-nag (AwsSolutions-SF2)',
  },
  'AWS::Scheduler::Schedule': { ScheduleExpressionTimezone: `test/infra/flow.test.ts, ${MOTO}` },
  'AWS::Athena::WorkGroup': { RecursiveDeleteOption: 'cfn-lint' },
  'AWS::Athena::NamedQuery': { '': `test/infra/catalogue.test.ts, npm run test:sql, ${MOTO}` },
  'AWS::CloudWatch::Alarm': { Metrics: `test/infra/alarms.test.ts, ${MOTO}` },
  'AWS::CDK::Metadata': { '': 'nothing: it deploys nothing' },
};
