import { Duration, Stack } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Color,
  Dashboard,
  GraphWidget,
  type GraphWidgetProps,
  type IMetric,
  MathExpression,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type FunctionName, METRICS, type MetricName } from '../functions/platform/metrics.ts';
import { FIVE_MINUTES } from './alarms.ts';
import { logGroupUrl, machineUrl, queueUrl } from './console-links.ts';
import { costOfDay, USD_PER_GB_SECOND } from './lambda-cost.ts';
import { OwnMetrics } from './own-metrics.ts';
import type { PipelineParts } from './pipeline-parts.ts';

export interface PipelineDashboardProps extends PipelineParts {
  readonly alarms: readonly Alarm[];
  /** Where docs/runbook.md can be read; the dashboard names the file where there is no address. */
  readonly runbookUrl?: string | undefined;
}

const HALF = 12;
const THIRD = 8;
const QUARTER = 6;
const HEIGHT = 6;
const SHOWN = Duration.days(3);
/** What happens once a night is summed by the hour, so that a night is one point. */
const HOUR = Duration.hours(1);

const graph = (title: string, left: IMetric[], props: Partial<GraphWidgetProps> = {}): GraphWidget =>
  new GraphWidget({ title, left, width: THIRD, height: HEIGHT, ...props });

const visible = (queue: Queue, label: string): IMetric =>
  queue.metricApproximateNumberOfMessagesVisible({ label, period: FIVE_MINUTES, statistic: Stats.MAXIMUM });

/** For people who operate it: what came in, what came of it, what waits, what failed, what it costs. */
export class PipelineDashboard extends Construct {
  readonly dashboard: Dashboard;
  private readonly props: PipelineDashboardProps;
  private readonly own: OwnMetrics;

  constructor(scope: Construct, id: string, props: PipelineDashboardProps) {
    super(scope, id);
    this.props = props;
    this.own = new OwnMetrics(props.namespace);
    this.dashboard = new Dashboard(this, 'Dashboard', { defaultInterval: SHOWN });
    this.dashboard.addWidgets(
      new TextWidget({ markdown: this.links(), width: HALF, height: HEIGHT }),
      new AlarmStatusWidget({ title: 'alarms', alarms: [...props.alarms], width: HALF, height: HEIGHT }),
    );
    this.dashboard.addWidgets(...this.intake());
    this.dashboard.addWidgets(...this.lags());
    this.dashboard.addWidgets(...this.queues());
    this.dashboard.addWidgets(...this.runs());
    this.dashboard.addWidgets(...this.durations());
    this.dashboard.addWidgets(...this.health());
  }

  private counts<F extends FunctionName>(
    fn: F,
    names: readonly MetricName<F>[],
    period = FIVE_MINUTES,
  ): IMetric[] {
    return names.map((name) => this.own.count(fn, name, period));
  }

  private links(): string {
    const { account, region } = Stack.of(this);
    const { functions, queues, deadLetters, nightly, runbookUrl } = this.props;
    const queueLinks = (map: object): string =>
      (Object.entries(map) as [string, Queue][])
        .map(([name, queue]) => `[${name}](${queueUrl(queue, account, region)})`)
        .join(' · ');
    const logs = Object.entries(functions)
      .map(([name, { lambda }]) => `[${name}](${logGroupUrl(lambda.logGroup, region)})`)
      .join(' · ');
    return [
      '# Wattline pipeline',
      `**When something is red:** ${runbookUrl ? `[runbook](${runbookUrl})` : 'docs/runbook.md'}, under the heading that the alarm names.`,
      '',
      `**Queues:** ${queueLinks(queues)}`,
      '',
      `**Put aside:** ${queueLinks(deadLetters)}`,
      '',
      `**Logs:** ${logs}`,
      '',
      `**Nights:** [executions](${machineUrl(nightly.machine, region)})`,
      '',
      `Cost is Lambda's alone, at ${USD_PER_GB_SECOND} USD per GB-second and without the free tier.`,
    ].join('\n');
  }

  private intake(): GraphWidget[] {
    const files = this.counts('ingest', [
      'FilesIngested',
      'FilesRefused',
      'FilesDuplicate',
      'FilesDeferred',
      'FilesIgnored',
    ]);
    return [
      graph('files', files, { width: QUARTER, stacked: true, leftYAxis: { showUnits: false, min: 0 } }),
      graph('rows', this.counts('ingest', ['RowsRead']), {
        width: QUARTER,
        right: this.counts('ingest', ['RowsRejected']),
        leftYAxis: { label: 'read', showUnits: false, min: 0 },
        rightYAxis: { label: 'rejected', showUnits: false, min: 0 },
      }),
      graph('bytes', this.counts('ingest', ['BytesRead']), { width: QUARTER, leftYAxis: { min: 0 } }),
      graph(
        'throughput of ingest, MB a second of work',
        [
          new MathExpression({
            expression: 'bytes / workMs / 1000',
            usingMetrics: {
              bytes: this.own.count('ingest', 'BytesRead', FIVE_MINUTES),
              workMs: this.own.time('ingest', 'WorkDuration', Stats.SUM, FIVE_MINUTES),
            },
            label: 'MB/s',
            period: FIVE_MINUTES,
          }),
        ],
        { width: QUARTER, leftYAxis: { showUnits: false, min: 0 } },
      ),
    ];
  }

  private lags(): GraphWidget[] {
    const lag = (statistic: string): IMetric[] => [
      this.own.time('ingest', 'UploadToReceipt', statistic, FIVE_MINUTES).with({
        label: `upload to receipt, ${statistic}`,
      }),
      this.own.time('evaluate', 'ReceiptToReport', statistic, FIVE_MINUTES).with({
        label: `receipt to report, ${statistic}`,
      }),
    ];
    const idOf = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);
    const share = (label: string, part: MetricName<'ingest'>, of: readonly MetricName<'ingest'>[]) =>
      new MathExpression({
        expression: `100 * ${idOf(part)} / (${of.map(idOf).join(' + ')})`,
        usingMetrics: Object.fromEntries(
          [part, ...of].map((name) => [idOf(name), this.own.count('ingest', name, HOUR)]),
        ),
        label,
        period: HOUR,
      });
    return [
      graph('lag, ms: upload to receipt, receipt to report', [...lag(Stats.p(50)), ...lag(Stats.p(99))], {
        width: HALF,
        leftYAxis: { showUnits: false, min: 0 },
      }),
      graph(
        'rejected and refused, % of an hour',
        [
          share('rows rejected', 'RowsRejected', ['RowsRead']),
          share('files refused', 'FilesRefused', ['FilesRefused', 'FilesIngested']),
        ],
        { width: HALF, leftYAxis: { showUnits: false, min: 0 } },
      ),
    ];
  }

  private queues(): GraphWidget[] {
    const { queues, deadLetters } = this.props;
    const each = Object.entries(queues) as [string, Queue][];
    return [
      graph(
        'queues: waiting',
        each.map(([name, queue]) => visible(queue, name)),
        { leftYAxis: { showUnits: false, min: 0 } },
      ),
      graph(
        'queues: age of the oldest message, s',
        each.map(([label, queue]) =>
          queue.metricApproximateAgeOfOldestMessage({
            label,
            period: FIVE_MINUTES,
            statistic: Stats.MAXIMUM,
          }),
        ),
        { leftYAxis: { showUnits: false, min: 0 } },
      ),
      graph(
        'put aside',
        (Object.entries(deadLetters) as [string, Queue][]).map(([name, queue]) => visible(queue, name)),
        { leftYAxis: { showUnits: false, min: 0 } },
      ),
    ];
  }

  private runs(): GraphWidget[] {
    const { machine } = this.props.nightly;
    const plain = { width: QUARTER, leftYAxis: { showUnits: false, min: 0 } };
    return [
      graph('runs', this.counts('evaluate', ['RunsEvaluated', 'RunsUnchanged', 'RunsWaiting']), {
        ...plain,
        stacked: true,
      }),
      graph('nights: what reconcile found', this.counts('reconcile', METRICS.reconcile, HOUR), plain),
      graph('nights: what was decided', this.counts('decide', METRICS.decide, HOUR), plain),
      graph(
        'nights: how they ended',
        [
          machine.metricSucceeded({ period: HOUR }),
          machine.metricFailed({ period: HOUR }),
          machine.metricTimedOut({ period: HOUR }),
          machine.metricAborted({ period: HOUR }),
        ],
        plain,
      ),
    ];
  }

  private durations(): GraphWidget[] {
    const { functions } = this.props;
    return (Object.keys(functions) as FunctionName[]).map((name) => {
      const { lambda, timeout } = functions[name];
      return graph(
        `${name}: duration against its timeout, ms`,
        [
          lambda.metricDuration({ label: 'longest', statistic: Stats.MAXIMUM, period: FIVE_MINUTES }),
          this.own
            .time(name, 'WorkDuration', Stats.p(50), FIVE_MINUTES)
            .with({ label: 'median of the work' }),
        ],
        {
          width: QUARTER,
          leftYAxis: { showUnits: false, min: 0 },
          leftAnnotations: [{ value: timeout.toMilliseconds(), label: 'timeout', color: Color.RED }],
        },
      );
    });
  }

  private health(): GraphWidget[] {
    const { functions } = this.props;
    const each = Object.entries(functions);
    return [
      graph(
        'errors and throttles',
        each.flatMap(([name, { lambda }]) => [
          lambda.metricErrors({ label: `${name} errors`, period: FIVE_MINUTES }),
          lambda.metricThrottles({ label: `${name} throttles`, period: FIVE_MINUTES }),
        ]),
        { leftYAxis: { showUnits: false, min: 0 } },
      ),
      graph(
        'messages that failed or were forged',
        (['ingest', 'evaluate'] as const).flatMap((name) => [
          this.own.count(name, 'Failures', FIVE_MINUTES).with({ label: `${name} failed` }),
          this.own.count(name, 'ForgedEvents', FIVE_MINUTES).with({ label: `${name} forged` }),
        ]),
        { leftYAxis: { showUnits: false, min: 0 } },
      ),
      graph(
        'cost of the day, USD',
        each.map(([name, { lambda }]) => costOfDay(name, lambda)),
        { stacked: true, leftYAxis: { showUnits: false, min: 0 } },
      ),
    ];
  }
}
