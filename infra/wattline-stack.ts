import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { DecideEnvironment } from '../functions/decide/environment.ts';
import type { EvaluateEnvironment } from '../functions/evaluate/environment.ts';
import type { IngestEnvironment } from '../functions/ingest/environment.ts';
import type { ReconcileEnvironment } from '../functions/reconcile/environment.ts';
import { list, read, send, write } from './access.ts';
import { FIVE_MINUTES, OperatorAlarm } from './alarms.ts';
import { Buckets } from './buckets.ts';
import { PipelineDashboard } from './dashboard.ts';
import { FedFunction } from './fed-function.ts';
import { MonitoredFunction } from './monitored-function.ts';
import { Nightly } from './nightly.ts';

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
    new PipelineDashboard(this, 'Pipeline', {
      functions: { ingest: ingest.fn, evaluate: evaluate.fn, decide, reconcile },
      queues: { ingest: ingest.queue, evaluate: evaluate.queue },
      deadLetters,
      nightly,
      reportsBucket: reports.bucketName,
    });
    this.alarms({ ingest, evaluate, nightly, deadLetters, night: { decide, reconcile } });
    const outputs = {
      LandingBucketName: landing.bucketName,
      LakeBucketName: lake.bucketName,
      ReportsBucketName: reports.bucketName,
      NightlyArn: nightly.machine.stateMachineArn,
      IngestQueueUrl: ingest.queue.queueUrl,
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }

  private alarms(parts: {
    ingest: FedFunction<IngestEnvironment>;
    evaluate: FedFunction<EvaluateEnvironment>;
    nightly: Nightly;
    deadLetters: Record<string, FedFunction<IngestEnvironment>['queue']>;
    night: Record<string, MonitoredFunction<DecideEnvironment> | MonitoredFunction<ReconcileEnvironment>>;
  }): void {
    const { ingest, evaluate, nightly, deadLetters, night } = parts;
    for (const [name, queue] of Object.entries(deadLetters)) {
      new OperatorAlarm(this, `DeadLetters-${name}`, {
        metric: queue.metricApproximateNumberOfMessagesVisible({ period: FIVE_MINUTES }),
        threshold: 0,
        impact: 'Files or runs are not in the reports.',
        runbook: 'Dead letters',
        treatMissingData: TreatMissingData.NOT_BREACHING, // an unused queue reports nothing
      });
    }
    for (const [name, fed] of Object.entries({ ingest, evaluate })) {
      new OperatorAlarm(this, `Age-${name}`, {
        metric: fed.queue.metricApproximateAgeOfOldestMessage({ period: FIVE_MINUTES }),
        threshold: Duration.hours(1).toSeconds(),
        evaluationPeriods: 3,
        impact: 'Uploads wait for over an hour; reports are late.',
        runbook: 'Queue is behind',
        treatMissingData: TreatMissingData.NOT_BREACHING, // an empty queue has no age
      });
    }
    for (const [name, fn] of Object.entries({ ingest: ingest.fn, evaluate: evaluate.fn, ...night })) {
      new OperatorAlarm(this, `Errors-${name}`, {
        metric: fn.lambda.metricErrors({ period: FIVE_MINUTES }),
        threshold: 0,
        evaluationPeriods: 3,
        impact: `The ${name} function fails as a whole; nothing it does is done.`,
        runbook: 'Function errors',
        treatMissingData: TreatMissingData.NOT_BREACHING, // a function that is not called has no errors
      });
    }
    new OperatorAlarm(this, 'NightFailed', {
      metric: nightly.machine.metricFailed({ period: Duration.hours(1) }),
      threshold: 0,
      impact: 'No decision was made last night.',
      runbook: 'Night failed',
      treatMissingData: TreatMissingData.NOT_BREACHING, // between nights there is nothing to report
    });
  }
}
