import type { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import {
  DIMENSION,
  type FunctionName,
  type MetricName,
  type TimeName,
} from '../functions/platform/metrics.ts';
import { PILOT_DIMENSIONS, type PilotMetric } from '../functions/platform/pilot-metrics.ts';

/** Of a search: names with other characters have to be quoted. */
const PLAIN = /^[\w/]+$/;

/** The metrics of one deployment, by their names in functions/platform. */
export class OwnMetrics {
  private readonly namespace: string;

  constructor(namespace: string) {
    this.namespace = namespace;
  }

  /** What a function counts, summed over a period. */
  count<F extends FunctionName>(fn: F, metricName: MetricName<F>, period: Duration): Metric {
    return this.of(fn, metricName, Stats.SUM, period);
  }

  /** A time that a function takes, in milliseconds. */
  time<F extends FunctionName>(fn: F, metricName: TimeName<F>, statistic: string, period: Duration): Metric {
    return this.of(fn, metricName, statistic, period);
  }

  /**
   * A figure of every pilot, whatever their programs and workloads are: they are found when the dashboard is opened,
   * so that a new program shows without a deployment. A night that is decided twice in a day is the mean of both.
   */
  search(metric: PilotMetric, period: Duration, label: string): MathExpression {
    const namespace = PLAIN.test(this.namespace) ? this.namespace : `"${this.namespace}"`;
    return new MathExpression({
      expression: `SEARCH('{${namespace},${PILOT_DIMENSIONS.join(',')}} MetricName="${metric}"', 'Average', ${period.toSeconds()})`,
      usingMetrics: {},
      label,
      period,
    });
  }

  private of(fn: FunctionName, metricName: string, statistic: string, period: Duration): Metric {
    const { namespace } = this;
    return new Metric({ namespace, metricName, dimensionsMap: { [DIMENSION]: fn }, statistic, period });
  }
}
