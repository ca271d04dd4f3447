import type { ContrastResult, Decision, GateResult, Ratio } from '../decision/decision.ts';
import type { RatioMetric } from '../decision/policy.ts';
import { gatesOn, rangeText } from './contrast-text.ts';
import { changeText, intervalText, METRIC_NAMES, ratioText } from './format.ts';

/** One figure of the first screen. */
export interface Fact {
  readonly figure: string;
  readonly about: string;
}

const PILOT_METRICS = [
  'energy-per-useful-token',
  'cost-per-useful-token',
  'time-per-useful-token',
  'loss-at-equal-tokens',
] as const satisfies readonly RatioMetric[];
const SCORED_METRICS = ['energy-to-train', 'time-to-train', 'cost-to-train'] as const;

const MONITORED: Record<Decision['policy']['monitoring']['kind'], string> = {
  nightly: 'valid at every night',
  looks: 'at the last look',
  once: 'looked at once',
};

/** The gate that asks most of a contrast: one that scaling up needs comes before one that stops. */
function gateOf(decision: Decision, contrast: ContrastResult): GateResult | undefined {
  const own = gatesOn(decision, contrast).filter(
    (g) => g.against === 'today' && g.workload === contrast.workload,
  );
  return own.find((g) => g.duty !== 'stop' && g.low !== null) ?? own.find((g) => g.low !== null) ?? own[0];
}

/** The interval of the kind that gates read. Where a contrast has none of it, as over runs, the gate's own. */
function gateInterval(decision: Decision, contrast: ContrastResult): string {
  const { kind } = decision.policy.monitoring;
  const own = kind === 'nightly' ? contrast.nightly : kind === 'once' ? contrast.population : null;
  if (own) return `${Math.round(own.confidence * 100)} % interval ${rangeText(own)}, ${MONITORED[kind]}`;
  const gate = gateOf(decision, contrast);
  if (!gate) return 'no interval yet, and no gate reads it';
  if (gate.low === null) return `no interval yet: ${gate.reason}`;
  return `${intervalOf(gate)}, ${MONITORED[kind]}`;
}

const contrastFact = (decision: Decision, contrast: ContrastResult, others: string): Fact => ({
  figure: changeText(contrast.ratio),
  about: `${METRIC_NAMES[contrast.metric]}; ratio ${ratioText(contrast.ratio)}, ${gateInterval(decision, contrast)}${others}`,
});

/** The mix as its gate has it, else the workload that fares worst; the others are named beside it. */
function pilotFact(decision: Decision, metric: RatioMetric): Fact[] {
  const own = decision.contrasts.filter((c) => c.metric === metric);
  const [first] = own;
  if (!first) return [];
  if (own.length === 1) return [contrastFact(decision, first, '')];
  const each = own.map((c) => `${c.workload} ${ratioText(c.ratio)}`).join(', ');
  const mix = decision.gates.find(
    (g) => g.metric === metric && g.workload === 'mix' && g.against === 'today' && g.ratio !== null,
  );
  if (mix?.ratio) {
    const interval =
      mix.low === null
        ? `no interval yet: ${mix.reason}`
        : `${intervalOf(mix)}, ${MONITORED[decision.policy.monitoring.kind]}`;
    return [
      {
        figure: changeText(mix.ratio),
        about: `${METRIC_NAMES[metric]}, mix of workloads; ratio ${ratioText(mix.ratio)}, ${interval}; ${each}`,
      },
    ];
  }
  const worst = own.reduce((a, b) => (b.ratio > a.ratio ? b : a));
  return [contrastFact(decision, worst, `; ${worst.workload}, the worst of ${each}`)];
}

const intervalOf = (g: GateResult): string =>
  `${Math.round(g.confidence * 100)} % interval ${ratioText(g.low ?? 0)} to ${g.high === null ? 'no upper end' : ratioText(g.high)}`;

const scoredFact = (r: Ratio): Fact => ({
  figure: changeText(r.ratio),
  about: `${METRIC_NAMES[r.metric]}; ratio ${ratioText(r.ratio)}, ${intervalText(r.low, r.high, r.confidence)}`,
});

/** What fits on the first screen: of a pilot its figures for a useful token, of published sets those to train. */
export function headlineFacts(decision: Decision): Fact[] {
  const pilot = PILOT_METRICS.flatMap((metric) => pilotFact(decision, metric));
  if (pilot.length > 0) return pilot;
  return SCORED_METRICS.flatMap((metric) => {
    const ratio = decision.ratios.find((r) => r.metric === metric);
    return ratio ? [scoredFact(ratio)] : [];
  });
}
