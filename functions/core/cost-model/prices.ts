/** A price in USD, and the page that has it. Grades: D read there; S as other sources quote it; U not compared yet. */
export interface Price {
  readonly usd: number;
  readonly per: string;
  readonly source: string;
  readonly grade: 'D' | 'S' | 'U';
  /** Who quotes it (grade S), or what else the page says of it. */
  readonly note?: string;
}

/**
 * List prices of AWS on demand, without free tier, savings plan or tax. Regions differ by up to a third; a bill is
 * what counts.
 */
export const AWS_LIST_PRICES = {
  name: 'aws-list-us-east-1',
  region: 'us-east-1',
  date: '2026-02',
  currency: 'USD',
  lambdaGbSecond: {
    usd: 0.0000133334,
    per: 'GB-s on arm64, first 7.5e9 a month',
    source: 'https://aws.amazon.com/lambda/pricing/',
    grade: 'S',
  },
  lambdaRequest: {
    usd: 0.2e-6,
    per: 'request',
    source: 'https://aws.amazon.com/lambda/pricing/',
    grade: 'S',
  },
  s3Write: {
    usd: 0.005e-3,
    per: 'PUT, COPY, POST or LIST',
    source: 'https://aws.amazon.com/s3/pricing/',
    grade: 'S',
  },
  s3Read: { usd: 0.0004e-3, per: 'GET or HEAD', source: 'https://aws.amazon.com/s3/pricing/', grade: 'S' },
  sqsRequest: {
    usd: 0.4e-6,
    per: 'request of up to 64 KiB',
    source: 'https://aws.amazon.com/sqs/pricing/',
    grade: 'S',
    note: 'quoted by https://cloudburn.io/blog/amazon-sqs-pricing, 2026-03',
  },
  event: {
    usd: 1e-6,
    per: 'event of up to 64 KiB that S3 publishes',
    source: 'https://aws.amazon.com/eventbridge/pricing/',
    grade: 'U',
    note: 'the page counts events of S3 among those that a bucket opts into, not the free ones, in chunks of 64 KB; its text has the rate of partner events alone, the same',
  },
  stateTransition: {
    usd: 0.025e-3,
    per: 'state transition',
    source: 'https://aws.amazon.com/step-functions/pricing/',
    grade: 'D',
  },
  logGb: { usd: 0.5, per: 'GB taken in', source: 'https://aws.amazon.com/cloudwatch/pricing/', grade: 'S' },
  logGbMonth: {
    usd: 0.03,
    per: 'GB-month kept',
    source: 'https://aws.amazon.com/cloudwatch/pricing/',
    grade: 'S',
    note: 'as Infracost takes it from the price list of AWS, https://github.com/vreutova/infracost-idem-support/pull/2',
  },
  metricMonth: {
    usd: 0.3,
    per: 'metric and month',
    source: 'https://aws.amazon.com/cloudwatch/pricing/',
    grade: 'S',
  },
  alarmMonth: {
    usd: 0.1,
    per: 'metric of an alarm and month',
    source: 'https://aws.amazon.com/cloudwatch/pricing/',
    grade: 'S',
    note: 'as Infracost takes it from the price list of AWS, https://github.com/vreutova/infracost-idem-support/pull/2',
  },
  dashboardMonth: {
    usd: 3,
    per: 'dashboard and month',
    source: 'https://aws.amazon.com/cloudwatch/pricing/',
    grade: 'S',
  },
  keyMonth: {
    usd: 1,
    per: 'key and month',
    source: 'https://aws.amazon.com/kms/pricing/',
    grade: 'D',
    note: 'each yearly rotation adds as much',
  },
  athenaTb: {
    usd: 5,
    per: 'TB read',
    source: 'https://aws.amazon.com/athena/pricing/',
    grade: 'S',
    note: 'quoted by https://athena.guide/articles/athena-basics-pricing-model/',
  },
} as const satisfies Record<string, Price | string>;

export type PriceName = {
  [K in keyof typeof AWS_LIST_PRICES]: (typeof AWS_LIST_PRICES)[K] extends Price ? K : never;
}[keyof typeof AWS_LIST_PRICES];

/** S3 Standard, a GB (2^30 bytes) and month: the more is kept, the less the next one costs. Same page as requests. */
export const S3_STORAGE_TIERS: readonly { readonly upToGb: number; readonly usd: number }[] = [
  { upToGb: 50 * 1_024, usd: 0.023 },
  { upToGb: 500 * 1_024, usd: 0.022 },
  { upToGb: Number.POSITIVE_INFINITY, usd: 0.021 },
];

/** What so many GB cost for a month, USD. */
export function storageUsdPerMonth(gb: number): number {
  let usd = 0;
  let below = 0;
  for (const tier of S3_STORAGE_TIERS) {
    usd += Math.max(0, Math.min(gb, tier.upToGb) - below) * tier.usd;
    below = tier.upToGb;
  }
  return usd;
}
