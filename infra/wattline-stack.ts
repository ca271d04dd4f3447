import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { DecideEnvironment } from '../functions/decide/environment.ts';
import type { EvaluateEnvironment } from '../functions/evaluate/environment.ts';
import type { IngestEnvironment } from '../functions/ingest/environment.ts';
import type { ReconcileEnvironment } from '../functions/reconcile/environment.ts';
import { NAMESPACE } from '../functions/platform/metrics.ts';
import { list, read, send, write } from './access.ts';
import { AlarmTopic } from './alarm-topic.ts';
import { Buckets } from './buckets.ts';
import { PilotDashboard } from './dashboard-pilot.ts';
import { PipelineDashboard } from './dashboard-pipeline.ts';
import { FedFunction } from './fed-function.ts';
import { MonitoredFunction } from './monitored-function.ts';
import { Nightly } from './nightly.ts';
import { PipelineAlarms } from './pipeline-alarms.ts';

/** One vCPU's worth: reading is bound by one thread. */
const READER_MB = 1_769;
const NIGHT_MB = 1_024;
const READER_TIMEOUT = Duration.minutes(5);
const NIGHT_TIMEOUT = Duration.minutes(15);
const INGEST_AT_ONCE = 50;
const EVALUATE_AT_ONCE = 10;

const created = (account: string, bucket: Bucket, key?: object[]) => ({
  source: ['aws.s3'],
  detailType: ['Object Created'],
  account: [account],
  detail: { bucket: { name: [bucket.bucketName] }, ...(key ? { object: { key } } : {}) },
});

/** The whole of Wattline on AWS. */
export class WattlineStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, props);
    const { landing, lake, reports } = new Buckets(this, 'Buckets');
    const common = {
      LANDING_BUCKET: landing.bucketName,
      LAKE_BUCKET: lake.bucketName,
      ACCOUNT_ID: this.account,
    };
    const ingest = new FedFunction<IngestEnvironment>(this, 'Ingest', {
      name: 'ingest',
      memoryMb: READER_MB,
      timeout: READER_TIMEOUT,
      maxConcurrency: INGEST_AT_ONCE,
      pattern: created(this.account, landing),
      build: (queue) => ({
        environment: { ...common, INGEST_QUEUE_URL: queue.queueUrl },
        statements: [
          read(landing),
          list(landing, lake),
          read(lake, 'receipts/'),
          write(lake, 'receipts/', 'segments/', 'progress/', 'quarantine/'),
          send(queue),
        ],
      }),
    });
    const evaluate = new FedFunction<EvaluateEnvironment>(this, 'Evaluate', {
      name: 'evaluate',
      memoryMb: READER_MB,
      timeout: READER_TIMEOUT,
      maxConcurrency: EVALUATE_AT_ONCE,
      pattern: created(this.account, lake, [{ prefix: 'receipts/' }]),
      build: () => ({
        environment: { ...common, REPORTS_BUCKET: reports.bucketName },
        statements: [
          read(landing),
          read(lake),
          list(landing, lake, reports),
          write(lake, 'evaluations/'),
          read(reports, 'runs/'),
          write(reports, 'runs/'),
        ],
      }),
    });
    const decide = new MonitoredFunction<DecideEnvironment>(this, 'Decide', {
      name: 'decide',
      memoryMb: NIGHT_MB,
      timeout: NIGHT_TIMEOUT,
      environment: { ...common, REPORTS_BUCKET: reports.bucketName },
      statements: [
        read(landing),
        read(lake),
        list(landing, lake, reports),
        write(lake, 'decisions/', 'policies/'),
        read(reports, 'programs/', 'index.html'),
        write(reports, 'programs/', 'index.html'),
      ],
    });
    const reconcile = new MonitoredFunction<ReconcileEnvironment>(this, 'Reconcile', {
      name: 'reconcile',
      memoryMb: NIGHT_MB,
      timeout: NIGHT_TIMEOUT,
      environment: { ...common, INGEST_QUEUE_URL: ingest.queue.queueUrl },
      statements: [read(landing), read(lake), list(landing, lake), send(ingest.queue)],
    });
    const nightly = new Nightly(this, 'Nightly', {
      reconcile: reconcile.lambda,
      evaluate: evaluate.fn.lambda,
      decide: decide.lambda,
    });
    const deadLetters = {
      ingest: ingest.deadLetters,
      evaluate: evaluate.deadLetters,
      ingestUndelivered: ingest.undelivered,
      evaluateUndelivered: evaluate.undelivered,
      nightUndelivered: nightly.undelivered,
    };
    const parts = {
      namespace: NAMESPACE,
      functions: { ingest: ingest.fn, evaluate: evaluate.fn, decide, reconcile },
      queues: { ingest: ingest.queue, evaluate: evaluate.queue },
      deadLetters,
      nightly,
    };
    const { topic } = new AlarmTopic(this, 'AlarmTopic', { email: this.node.tryGetContext('alarmEmail') });
    const { alarms } = new PipelineAlarms(this, 'Alarms', { ...parts, topic });
    new PipelineDashboard(this, 'Pipeline', {
      ...parts,
      alarms,
      runbookUrl: this.node.tryGetContext('runbookUrl'),
    });
    new PilotDashboard(this, 'Pilots', { namespace: NAMESPACE, reports });
    const outputs = {
      LandingBucketName: landing.bucketName,
      LakeBucketName: lake.bucketName,
      ReportsBucketName: reports.bucketName,
      NightlyArn: nightly.machine.stateMachineArn,
      IngestQueueUrl: ingest.queue.queueUrl,
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}
