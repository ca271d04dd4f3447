export const NAMESPACE = 'Wattline';
/** The one dimension: identities such as run and chip are properties, never dimensions. */
export const DIMENSION = 'Function';

/** Every metric, by the function that emits it. Dashboard, alarms and tests read from here. */
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
  decide: ['DecisionsMade', 'VerdictsChanged'],
  reconcile: ['ObjectsRequeued', 'ObjectsWaiting', 'RunsStale'],
} as const;
export type FunctionName = keyof typeof METRICS;
export type MetricName<F extends FunctionName> = (typeof METRICS)[F][number];

/** Counts of one invocation. Zeros are emitted as well: "nothing was refused" is a fact, silence is not. */
export class Metrics<F extends FunctionName> {
  private readonly counts = new Map<string, number>();
  private readonly name: F;

  constructor(name: F) {
    this.name = name;
    for (const metric of METRICS[name]) this.counts.set(metric, 0);
  }

  count(metric: MetricName<F>, by = 1): void {
    this.counts.set(metric, (this.counts.get(metric) ?? 0) + by);
  }

  /** One line in CloudWatch's embedded metric format. */
  line(timeMs: number, properties: Readonly<Record<string, string | number>> = {}): string {
    const names = [...this.counts.keys()];
    return JSON.stringify({
      _aws: {
        Timestamp: timeMs,
        CloudWatchMetrics: [
          {
            Namespace: NAMESPACE,
            Dimensions: [[DIMENSION]],
            Metrics: names.map((Name) => ({ Name, Unit: Name === 'BytesRead' ? 'Bytes' : 'Count' })),
          },
        ],
      },
      ...properties,
      [DIMENSION]: this.name,
      ...Object.fromEntries(this.counts),
    });
  }
}
