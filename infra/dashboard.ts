import { Stack } from 'aws-cdk-lib';
import { Dashboard, GraphWidget, type IMetric, Metric, Stats, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DIMENSION, type FunctionName, METRICS, NAMESPACE } from '../functions/platform/metrics.ts';
import { FIVE_MINUTES } from './alarms.ts';
import type { MonitoredFunction } from './monitored-function.ts';
import type { Nightly } from './nightly.ts';

export interface PipelineDashboardProps {
  readonly functions: Readonly<Record<FunctionName, MonitoredFunction<Record<string, string>>>>;
  readonly queues: Readonly<Record<string, Queue>>;
  readonly deadLetters: Readonly<Record<string, Queue>>;
  readonly nightly: Nightly;
  readonly reportsBucket: string;
}

const WIDTH = 12;

/** Every metric that a function emits, as it emits it. */
export const ownMetrics = (name: FunctionName): Metric[] =>
  METRICS[name].map(
    (metricName) =>
      new Metric({
        namespace: NAMESPACE,
        metricName,
        dimensionsMap: { [DIMENSION]: name },
        statistic: Stats.SUM,
        period: FIVE_MINUTES,
      }),
  );

const graph = (title: string, left: IMetric[], right: IMetric[] = []): GraphWidget =>
  new GraphWidget({ title, left, right, width: WIDTH });

/** One page for the pipeline: what came in, what came of it, what waits, what failed. */
export class PipelineDashboard extends Construct {
  constructor(scope: Construct, id: string, props: PipelineDashboardProps) {
    super(scope, id);
    const { functions, queues, deadLetters, nightly } = props;
    const dashboard = new Dashboard(this, 'Dashboard');
    const text = `# Wattline pipeline\nReports: s3://${props.reportsBucket}/index.html in ${Stack.of(this).region}. What to do when something is red: docs/runbook.md.`;
    dashboard.addWidgets(new TextWidget({ markdown: text, width: 24, height: 2 }));
    const names = Object.keys(functions) as FunctionName[];
    for (const name of names) {
      const { lambda, timeout } = functions[name];
      dashboard.addWidgets(
        graph(`${name}: what it did`, ownMetrics(name)),
        new GraphWidget({
          title: `${name}: duration, errors, throttles`,
          left: [lambda.metricDuration({ statistic: Stats.p(99), period: FIVE_MINUTES })],
          leftAnnotations: [{ value: timeout.toMilliseconds(), label: 'timeout' }],
          right: [
            lambda.metricErrors({ period: FIVE_MINUTES }),
            lambda.metricThrottles({ period: FIVE_MINUTES }),
          ],
          width: WIDTH,
        }),
      );
    }
    const of = (map: Readonly<Record<string, Queue>>, pick: (q: Queue) => IMetric): IMetric[] =>
      Object.values(map).map(pick);
    dashboard.addWidgets(
      graph(
        'queues: waiting and age',
        of(queues, (q) => q.metricApproximateNumberOfMessagesVisible()),
        of(queues, (q) => q.metricApproximateAgeOfOldestMessage()),
      ),
      graph(
        'put aside',
        of(deadLetters, (q) => q.metricApproximateNumberOfMessagesVisible()),
      ),
    );
    dashboard.addWidgets(
      graph('nights', [
        nightly.machine.metricSucceeded(),
        nightly.machine.metricFailed(),
        nightly.machine.metricTimedOut(),
      ]),
    );
  }
}
