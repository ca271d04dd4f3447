import { Duration, Stack } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { DecideEnvironment } from '../functions/decide/environment.ts';
import type { EvaluateEnvironment } from '../functions/evaluate/environment.ts';
import type { IngestEnvironment } from '../functions/ingest/environment.ts';
import type { ReconcileEnvironment } from '../functions/reconcile/environment.ts';
import { list, read, send, write } from './access.ts';
import type { Buckets } from './buckets.ts';
import { FedFunction } from './fed-function.ts';
import { type FunctionSettings, MonitoredFunction } from './monitored-function.ts';
import { objectCreated, RECEIPTS, TELEMETRY } from './object-created.ts';
import type { Stage } from './stage.ts';

export interface WorkersProps {
  readonly buckets: Buckets;
  readonly stage: Stage;
  readonly settings: FunctionSettings;
  readonly verdicts: { readonly busName: string; readonly put: PolicyStatement };
}

const READER_TIMEOUT = Duration.minutes(5);
const NIGHT_TIMEOUT = Duration.minutes(15);
/** Files are large and are read one after the other: few a call. */
const FILES = { size: 10, window: Duration.seconds(5) };
/** A run's receipts come in a burst: the longer they gather, the fewer times the run is evaluated. */
const BURST = { size: 100, window: Duration.seconds(20) };

/** The four functions of the way from an upload to a decision, with what each may do. */
export class Workers extends Construct {
  readonly ingest: FedFunction<IngestEnvironment>;
  readonly evaluate: FedFunction<EvaluateEnvironment>;
  readonly decide: MonitoredFunction<DecideEnvironment>;
  readonly reconcile: MonitoredFunction<ReconcileEnvironment>;

  constructor(scope: Construct, id: string, props: WorkersProps) {
    super(scope, id);
    this.ingest = this.makeIngest(props);
    this.evaluate = this.makeEvaluate(props);
    this.decide = this.makeDecide(props);
    this.reconcile = this.makeReconcile(props);
  }

  private common({ buckets: { landing, lake } }: WorkersProps) {
    return {
      LANDING_BUCKET: landing.bucketName,
      LAKE_BUCKET: lake.bucketName,
      ACCOUNT_ID: Stack.of(this).account,
    };
  }

  private makeIngest(props: WorkersProps): FedFunction<IngestEnvironment> {
    const { landing, lake } = props.buckets;
    return new FedFunction<IngestEnvironment>(this, 'Ingest', {
      settings: props.settings,
      name: 'ingest',
      memoryMb: props.stage.ingest.memoryMb,
      timeout: READER_TIMEOUT,
      batch: FILES,
      maxConcurrency: props.stage.ingest.atOnce,
      pattern: objectCreated(landing, TELEMETRY),
      build: (queue) => ({
        environment: { ...this.common(props), INGEST_QUEUE_URL: queue.queueUrl },
        statements: [
          read(landing),
          list(landing, lake),
          read(lake, 'receipts/'),
          write(lake, 'receipts/', 'segments/', 'progress/', 'quarantine/'),
          send(queue),
        ],
      }),
    });
  }

  private makeEvaluate(props: WorkersProps): FedFunction<EvaluateEnvironment> {
    const { landing, lake, reports } = props.buckets;
    return new FedFunction<EvaluateEnvironment>(this, 'Evaluate', {
      settings: props.settings,
      name: 'evaluate',
      memoryMb: props.stage.evaluate.memoryMb,
      timeout: READER_TIMEOUT,
      batch: BURST,
      maxConcurrency: props.stage.evaluate.atOnce,
      pattern: objectCreated(lake, RECEIPTS),
      build: () => ({
        environment: { ...this.common(props), REPORTS_BUCKET: reports.bucketName },
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
  }

  private makeDecide(props: WorkersProps): MonitoredFunction<DecideEnvironment> {
    const { landing, lake, reports } = props.buckets;
    return new MonitoredFunction<DecideEnvironment>(this, 'Decide', {
      settings: props.settings,
      name: 'decide',
      memoryMb: props.stage.night.memoryMb,
      timeout: NIGHT_TIMEOUT,
      environment: {
        ...this.common(props),
        REPORTS_BUCKET: reports.bucketName,
        EVENT_BUS_NAME: props.verdicts.busName,
      },
      statements: [
        read(landing),
        read(lake),
        list(landing, lake, reports),
        write(lake, 'decisions/', 'policies/', 'verdicts/'),
        read(reports, 'programs/', 'index.html'),
        write(reports, 'programs/', 'index.html'),
        props.verdicts.put,
      ],
    });
  }

  private makeReconcile(props: WorkersProps): MonitoredFunction<ReconcileEnvironment> {
    const { landing, lake } = props.buckets;
    const { queue } = this.ingest;
    const { memoryMb, runsAtOnce, replayRunsAtOnce } = props.stage.night;
    return new MonitoredFunction<ReconcileEnvironment>(this, 'Reconcile', {
      settings: props.settings,
      name: 'reconcile',
      memoryMb,
      timeout: NIGHT_TIMEOUT,
      environment: {
        ...this.common(props),
        INGEST_QUEUE_URL: queue.queueUrl,
        NIGHT_RUNS_AT_ONCE: String(runsAtOnce),
        REPLAY_RUNS_AT_ONCE: String(replayRunsAtOnce),
      },
      statements: [read(landing), read(lake), list(landing, lake), write(lake, 'nights/'), send(queue)],
    });
  }
}
