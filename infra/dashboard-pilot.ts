import { Duration, Stack } from 'aws-cdk-lib';
import {
  Color,
  Dashboard,
  GraphWidget,
  type GraphWidgetProps,
  type IMetric,
  SingleValueWidget,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { DEFAULT_POLICY } from '../functions/core/decision/default-policy.ts';
import {
  type PILOT_DIMENSIONS,
  type PilotMetric,
  VERDICT_LEVELS,
} from '../functions/platform/pilot-metrics.ts';
import { bucketUrl, objectUrl } from './console-links.ts';
import { OwnMetrics } from './own-metrics.ts';

export interface PilotDashboardProps {
  /** Of the metrics that functions emit. */
  readonly namespace: string;
  readonly reports: IBucket;
}

/** A pilot moves by nights. */
const NIGHT = Duration.days(1);
const SHOWN = Duration.days(60);
const HALF = 12;
const THIRD = 8;
const HEIGHT = 7;

/** CloudWatch fills these in by what the search found. */
const found = (dimension: (typeof PILOT_DIMENSIONS)[number]): string => `\${PROP('Dim.${dimension}')}`;
const PROGRAM = found('Program');
const WORKLOAD = `${PROGRAM} ${found('Workload')}`;

/** What both sides of every workload have. */
type Figure = 'EnergyPerToken' | 'Mfu' | 'ThrottledShare' | 'Coverage' | 'Chips';

const graph = (title: string, left: IMetric[], props: Partial<GraphWidgetProps> = {}): GraphWidget =>
  new GraphWidget({ title, left, width: THIRD, height: HEIGHT, period: NIGHT, ...props });

/** The margin that the default policy's own energy gate wants the ratio to be below. */
const energyThreshold = (): number => {
  const gate = DEFAULT_POLICY.gates.find(
    (g) => g.duty === 'required' && g.metric === 'energy-per-useful-token',
  );
  return 1 - (gate?.margin ?? 0);
};

/** For people who decide: how every pilot stands, night by night. */
export class PilotDashboard extends Construct {
  readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, { reports, namespace }: PilotDashboardProps) {
    super(scope, id);
    const own = new OwnMetrics(namespace);
    const ofWorkload = (metric: PilotMetric, what: string): IMetric =>
      own.search(metric, NIGHT, `${WORKLOAD}: ${what}`);
    const bothSides = (figure: Figure): IMetric[] => [
      ofWorkload(`Candidate${figure}`, 'candidate'),
      ofWorkload(`Baseline${figure}`, 'baseline'),
    ];
    this.dashboard = new Dashboard(this, 'Dashboard', { defaultInterval: SHOWN });
    const { region } = Stack.of(this);
    this.dashboard.addWidgets(
      new TextWidget({
        markdown: [
          '# Wattline pilots',
          `[All reports](${objectUrl(reports, 'index.html', region)}) · [by program and night](${bucketUrl(reports, 'programs/', region)}) · [by run](${bucketUrl(reports, 'runs/', region)})`,
          '',
          'The report is what decides; these are its figures over nights. A ratio is candidate / baseline: below 1 the chip takes less. A figure that nothing measured is missing, never zero. A program shows by itself from its first decision on.',
        ].join('\n'),
        width: 24,
        height: 3,
      }),
    );
    this.dashboard.addWidgets(
      new SingleValueWidget({
        title: 'energy ratio, last night',
        metrics: [ofWorkload('EnergyRatio', 'energy')],
        width: THIRD,
        height: HEIGHT,
        period: NIGHT,
      }),
      graph('verdict', [own.search('Verdict', NIGHT, PROGRAM)], {
        width: 24 - THIRD,
        leftYAxis: { min: -1.2, max: 1.2, showUnits: false },
        leftAnnotations: [
          { value: VERDICT_LEVELS['scale-up'], label: 'scale-up', color: Color.GREEN },
          { value: VERDICT_LEVELS.hold, label: 'hold', color: Color.ORANGE },
          { value: VERDICT_LEVELS.stop, label: 'stop', color: Color.RED },
        ],
      }),
    );
    this.dashboard.addWidgets(
      graph(
        'energy ratio with the interval that may be looked at every night',
        [
          ofWorkload('EnergyRatio', 'ratio'),
          ofWorkload('EnergyRatioLow', 'low'),
          ofWorkload('EnergyRatioHigh', 'high'),
        ],
        {
          width: HALF,
          leftYAxis: { showUnits: false },
          leftAnnotations: [
            { value: 1, label: 'as the baseline', color: Color.GREY },
            { value: energyThreshold(), label: 'goal of the default policy', color: Color.GREEN },
          ],
        },
      ),
      graph('energy per useful token, J', bothSides('EnergyPerToken'), {
        width: HALF,
        leftYAxis: { showUnits: false },
      }),
    );
    const share = { leftYAxis: { min: 0, max: 1, showUnits: false } };
    this.dashboard.addWidgets(
      graph('model FLOPs utilisation', bothSides('Mfu'), share),
      graph('share of time throttled', bothSides('ThrottledShare'), {
        leftYAxis: { min: 0, showUnits: false },
      }),
      graph('coverage of the worst run', bothSides('Coverage'), {
        leftYAxis: { max: 1, showUnits: false },
        // Below these a run is graded B, C and D (docs/methods.md).
        leftAnnotations: [
          { value: 0.99, label: 'A' },
          { value: 0.95, label: 'B' },
          { value: 0.8, label: 'C' },
        ],
      }),
    );
    this.dashboard.addWidgets(
      graph('chips reporting', bothSides('Chips'), {
        width: 24,
        leftYAxis: { min: 0, showUnits: false },
      }),
    );
  }
}
