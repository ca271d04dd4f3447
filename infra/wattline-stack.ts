import { CfnOutput, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import type { CfnTopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { AlarmTopic } from './alarm-topic.ts';
import { Buckets } from './buckets.ts';
import { Catalogue } from './catalogue.ts';
import { PilotDashboard } from './dashboard-pilot.ts';
import { PipelineDashboard } from './dashboard-pipeline.ts';
import { Encryption } from './encryption.ts';
import { Nightly } from './nightly.ts';
import { PipelineAlarms } from './pipeline-alarms.ts';
import type { PipelineParts } from './pipeline-parts.ts';
import { Roles } from './roles.ts';
import type { Stage } from './stage.ts';
import { namespaceOf, stageOf } from './stages/all.ts';
import { VerdictChannel } from './verdict-channel.ts';
import { Weekly } from './weekly.ts';
import { WeeklyAlarms } from './weekly-alarms.ts';
import { Workers } from './workers.ts';

export interface WattlineStackProps extends StackProps {
  /** How this deployment differs; the default stage where absent. */
  readonly stage?: Stage;
}

/** The whole of Wattline on AWS. */
export class WattlineStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { stage = stageOf('default'), ...props }: WattlineStackProps = {},
  ) {
    super(scope, id, props);
    const encryption = new Encryption(this, 'Encryption', { ofBuckets: stage.kms });
    const key = encryption.buckets;
    const buckets = new Buckets(this, 'Buckets', { retention: stage.retention, key });
    const { landing, lake, reports } = buckets;
    const namespace = namespaceOf(stage);
    const settings = { logRetentionDays: stage.logRetentionDays, namespace, key };
    const verdicts = new VerdictChannel(this, 'Verdicts', {
      key: encryption.topics,
      email: stage.verdictEmail,
    });
    const workers = new Workers(this, 'Workers', { buckets, stage, settings, verdicts });
    const { ingest, evaluate, decide, reconcile } = workers;
    const lambdas = {
      ingest: ingest.fn.lambda,
      evaluate: evaluate.fn.lambda,
      decide: decide.lambda,
      reconcile: reconcile.lambda,
    };
    const nightly = new Nightly(this, 'Nightly', { ...lambdas, lake, stage, settings });
    const weekly = new Weekly(this, 'Weekly', {
      landing,
      lake,
      reports,
      functions: lambdas,
      stage,
      settings,
    });
    new Roles(this, 'Roles', { stage, landing, reports, key });
    new Catalogue(this, 'Catalogue', {
      lake,
      ...(stage.name === 'default' ? {} : { stage: stage.name.replaceAll('-', '_') }),
    });
    this.observe(stage, {
      parts: {
        namespace,
        functions: { ingest: ingest.fn, evaluate: evaluate.fn, decide, reconcile },
        queues: { ingest: ingest.queue, evaluate: evaluate.queue },
        deadLetters: {
          ingest: ingest.deadLetters,
          evaluate: evaluate.deadLetters,
          ingestUndelivered: ingest.undelivered,
          evaluateUndelivered: evaluate.undelivered,
          nightUndelivered: nightly.undelivered,
        },
        nightly,
      },
      encryption,
      buckets,
      weekly,
      verdicts,
    });
    this.tell({
      LandingBucketName: landing.bucketName,
      LakeBucketName: lake.bucketName,
      ReportsBucketName: reports.bucketName,
      NightlyArn: nightly.machine.stateMachineArn,
      IngestQueueUrl: ingest.queue.queueUrl,
      WeeklyFunctionName: weekly.fn.lambda.functionName,
      VerdictTopicArn: verdicts.topic.topicArn,
    });
  }

  private observe(stage: Stage, watched: Watched): void {
    const { parts, encryption, buckets, weekly, verdicts } = watched;
    const runbookUrl: string | undefined = this.node.tryGetContext('runbookUrl');
    const email: string | undefined = this.node.tryGetContext('alarmEmail') ?? stage.alarmEmail;
    const { topic } = new AlarmTopic(this, 'AlarmTopic', { email });
    (topic.node.defaultChild as CfnTopic).kmsMasterKeyId = encryption.topics.keyArn;
    Validations.of(topic).acknowledge({
      id: 'Serverless-SNSRedrivePolicy',
      reason: 'Mail that is not delivered is no message to try again: the alarm stays red on the dashboard.',
    });
    const pipeline = new PipelineAlarms(this, 'Alarms', { ...parts, topic });
    const others = new WeeklyAlarms(this, 'WeeklyAlarms', { weekly, verdicts, topic });
    const alarms = [...pipeline.alarms, ...others.alarms];
    new PipelineDashboard(this, 'Pipeline', { ...parts, alarms, runbookUrl });
    new PilotDashboard(this, 'Pilots', { namespace: parts.namespace, reports: buckets.reports });
  }

  private tell(outputs: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}

interface Watched {
  readonly parts: PipelineParts;
  readonly encryption: Encryption;
  readonly buckets: Buckets;
  readonly weekly: Weekly;
  readonly verdicts: VerdictChannel;
}
