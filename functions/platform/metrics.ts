/** Of metrics where the deployment has no namespace of its own. */
export const NAMESPACE = 'Wattline';
/** Names another, so that two deployments in one account stay apart; infra sets it for every function. */
export const NAMESPACE_VARIABLE = 'WATTLINE_NAMESPACE';
/** The one dimension of what functions count: identities such as run and chip are properties, never dimensions. */
export const DIMENSION = 'Function';

/** Every count, by the function that emits it. Dashboards, alarms and tests read from here. */
export const METRICS = {
  ingest: [
    'FilesIngested',
    'FilesRefused',
    'FilesDuplicate',
    'FilesDeferred',
    'FilesIgnored',
    'RowsRead',
    'RowsRejected',
    'BytesRead',
    'ForgedEvents',
    'Failures',
  ],
  evaluate: ['RunsEvaluated', 'RunsUnchanged', 'RunsWaiting', 'ForgedEvents', 'Failures'],
  decide: [
    'DecisionsMade',
    'VerdictsChanged',
    'BaselinesStale',
    'ProgramsSilent',
    'SidesWithFewerChips',
    'WorkloadsLeftOut',
  ],
  reconcile: ['ObjectsRequeued', 'ObjectsWaiting', 'RunsStale', 'ProgramsLanded'],
} as const;
export type FunctionName = keyof typeof METRICS;
export type MetricName<F extends FunctionName> = (typeof METRICS)[F][number];

/** How long something took, in milliseconds, one value each time: of these, silence is no zero. */
export const TIMES = {
  /** From the upload's event to the receipt; of objects that were queued again no upload time is known. */
  ingest: ['UploadToReceipt', 'WorkDuration'],
  /** From the event of the receipt that completed a run to its report. */
  evaluate: ['ReceiptToReport', 'WorkDuration'],
  decide: ['WorkDuration'],
  reconcile: ['WorkDuration'],
} as const satisfies Record<FunctionName, readonly string[]>;
export type TimeName<F extends FunctionName> = (typeof TIMES)[F][number];

/** The embedded metric format takes no more values of a metric in one line. */
const VALUES_LIMIT = 100;

/** A line of CloudWatch's embedded metric format. */
export interface EmbeddedMetrics {
  readonly timeMs: number;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly units: Readonly<Record<string, 'Bytes' | 'Count' | 'Milliseconds' | 'None'>>;
  readonly values: Readonly<Record<string, number | readonly number[]>>;
  readonly properties?: Readonly<Record<string, string | number>>;
}

export const embeddedLine = ({ timeMs, dimensions, units, values, properties }: EmbeddedMetrics): string =>
  JSON.stringify({
    _aws: {
      Timestamp: timeMs,
      CloudWatchMetrics: [
        {
          Namespace: process.env[NAMESPACE_VARIABLE] || NAMESPACE,
          Dimensions: [Object.keys(dimensions)],
          Metrics: Object.keys(values).map((Name) => ({ Name, Unit: units[Name] ?? 'None' })),
        },
      ],
    },
    ...properties,
    ...dimensions,
    ...values,
  });

/** Counts and times of one invocation. Zeros are emitted as well: "nothing was refused" is a fact, silence is not. */
export class Metrics<F extends FunctionName> {
  private readonly counts = new Map<string, number>();
  private readonly times = new Map<string, number[]>();
  private readonly name: F;

  constructor(name: F) {
    this.name = name;
    for (const metric of METRICS[name]) this.counts.set(metric, 0);
  }

  count(metric: MetricName<F>, by = 1): void {
    this.counts.set(metric, (this.counts.get(metric) ?? 0) + by);
  }

  /** One duration; a clock that stepped back makes it zero, not negative. Past the limit of a line the longest stay. */
  took(metric: TimeName<F>, durationMs: number): void {
    const values = [...(this.times.get(metric) ?? []), Math.max(0, durationMs)];
    this.times.set(
      metric,
      values.length > VALUES_LIMIT ? values.sort((a, b) => b - a).slice(0, VALUES_LIMIT) : values,
    );
  }

  /** One line in CloudWatch's embedded metric format. */
  line(timeMs: number, properties: Readonly<Record<string, string | number>> = {}): string {
    return embeddedLine({
      timeMs,
      dimensions: { [DIMENSION]: this.name },
      units: {
        ...Object.fromEntries([...this.counts.keys()].map((name) => [name, 'Count' as const])),
        ...Object.fromEntries([...this.times.keys()].map((name) => [name, 'Milliseconds' as const])),
        BytesRead: 'Bytes',
      },
      values: Object.fromEntries([...this.counts, ...this.times]),
      properties,
    });
  }
}
