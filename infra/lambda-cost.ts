import { Duration } from 'aws-cdk-lib';
import { MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { CfnFunction, IFunction } from 'aws-cdk-lib/aws-lambda';

/** Lambda on arm64, first tier, us-east-1, without the free tier: https://aws.amazon.com/lambda/pricing/, 2026. */
export const USD_PER_GB_SECOND = 0.0000133334;
export const USD_PER_REQUEST = 0.2 / 1_000_000;

const DAY = Duration.days(1);

const memoryMbOf = (lambda: IFunction): number =>
  (lambda.node.defaultChild as CfnFunction).memorySize as number;

/** Without an exponent, which the checker of expressions takes for a name. */
const plain = (usd: number): string => usd.toFixed(15);

/**
 * What a function costs in a day, in USD: memory times duration, and requests. Duration is the service's own, so that
 * a call that ran out of time or memory is in it, which the function itself could not count. The free tier and what S3,
 * SQS and CloudWatch cost are not.
 */
export function costOfDay(name: string, lambda: IFunction): MathExpression {
  const gigabytes = memoryMbOf(lambda) / 1_024;
  const usdPerMs = (gigabytes * USD_PER_GB_SECOND) / 1_000;
  return new MathExpression({
    expression: `${name}Ms * ${plain(usdPerMs)} + ${name}Calls * ${plain(USD_PER_REQUEST)}`,
    usingMetrics: {
      [`${name}Ms`]: lambda.metricDuration({ statistic: Stats.SUM, period: DAY }),
      [`${name}Calls`]: lambda.metricInvocations({ statistic: Stats.SUM, period: DAY }),
    },
    label: `${name}, USD a day`,
    period: DAY,
  });
}

/** All functions together; a function that was not called costs nothing. */
export const costOfDayOfAll = (functions: Readonly<Record<string, IFunction>>): MathExpression =>
  new MathExpression({
    expression: Object.keys(functions)
      .map((name) => `FILL(${name}Cost, 0)`)
      .join(' + '),
    usingMetrics: Object.fromEntries(
      Object.entries(functions).map(([name, lambda]) => [`${name}Cost`, costOfDay(name, lambda)]),
    ),
    label: 'USD a day',
    period: DAY,
  });
