import type { Finding } from './evaluation.ts';
import type { Timeline } from './run-timeline.ts';

interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

interface Placed {
  readonly startMs: number;
  readonly stopMs: number;
  readonly timeline: Pick<Timeline, 'startMs' | 'stepMs' | 'powerW' | 'scopes' | 'marks'>;
}

/** Steps next to each other that a test holds for, as times, cut to the run. */
function stretches({ timeline, startMs, stopMs }: Placed, holds: (step: number) => boolean): Stretch[] {
  const found: [number, number][] = [];
  for (let step = 0; step < timeline.powerW.length; step += 1) {
    const last = found.at(-1);
    if (!holds(step)) continue;
    if (last && last[1] === step) last[1] = step + 1;
    else found.push([step, step + 1]);
  }
  const timeOf = (step: number): number =>
    Math.min(Math.max(timeline.startMs + step * timeline.stepMs, startMs), stopMs);
  return found
    .map(([from, to]) => ({ fromMs: timeOf(from), toMs: timeOf(to) }))
    .filter(({ fromMs, toMs }) => fromMs < toMs);
}

const longest = (all: readonly Stretch[]): Stretch | null =>
  all.reduce<Stretch | null>(
    (best, s) => (best && best.toMs - best.fromMs >= s.toMs - s.fromMs ? best : s),
    null,
  );

/** The stretch in which a share is the highest: where it is at least half of its peak, around the peak. */
function peakOf(placed: Placed, series: readonly (number | null)[] | null | undefined): Stretch | null {
  const { timeline, startMs, stopMs } = placed;
  const isInside = (i: number): boolean => {
    const middleMs = timeline.startMs + (i + 0.5) * timeline.stepMs;
    return middleMs >= startMs && middleMs <= stopMs;
  };
  const peak = Math.max(0, ...(series ?? []).map((v, i) => (isInside(i) ? (v ?? 0) : 0)));
  if (!series || peak === 0) return null;
  const at = series.findIndex((v, i) => v === peak && isInside(i));
  const atMs = timeline.startMs + (at + 0.5) * timeline.stepMs;
  const high = stretches(placed, (i) => (series[i] ?? 0) >= peak / 2);
  return high.find((s) => s.fromMs <= atMs && s.toMs >= atMs) ?? null;
}

const PLACES: Readonly<Record<string, (placed: Placed) => Stretch | null>> = {
  gap: (p) => longest(stretches(p, (i) => p.timeline.powerW[i] === null)),
  'coverage-below-95': (p) => longest(stretches(p, (i) => p.timeline.powerW[i] === null)),
  'thermal-throttling': (p) => peakOf(p, p.timeline.scopes?.throttledRatio?.thermal),
  restarted: ({ timeline }) => {
    const restart = timeline.marks.find((m) => m.kind === 'restart');
    return restart ? { fromMs: restart.fromMs, toMs: restart.atMs } : null;
  },
  'run-not-successful': ({ stopMs }) => ({ fromMs: stopMs, toMs: stopMs }),
  'not-bracketed': (p) => {
    const first = p.timeline.powerW.findIndex((v) => v !== null);
    const isLateStart = first < 0 || p.timeline.startMs + first * p.timeline.stepMs > p.startMs;
    const atMs = isLateStart ? p.startMs : p.stopMs;
    return { fromMs: atMs, toMs: atMs };
  },
};

/** Findings with their place in time, where the timeline tells it; of several places the longest or the first. */
export function placedFindings(findings: readonly Finding[], placed: Placed | null): Finding[] {
  if (!placed) return [...findings];
  return findings.map((finding): Finding => {
    const place = Object.hasOwn(PLACES, finding.code) ? PLACES[finding.code] : undefined;
    const time = place?.(placed) ?? null;
    return time ? { ...finding, time } : finding;
  });
}
