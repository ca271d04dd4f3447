import type { RunManifest } from '../telemetry/manifest.ts';
import type { RunProgress } from '../telemetry/progress-fold.ts';
import type { KeptWork } from '../telemetry/step-fold.ts';
import type { WorkTotals } from '../telemetry/work-totals.ts';
import type { Timeline, TimelineMark } from './run-timeline.ts';
import { completed } from './work.ts';

/** A step is drawn where at least this share of it lies between the first and the last line of the logs. */
const KNOWN_SHARE = 0.5;
/** Marks of one kind at most; a run that is evaluated at every step has them everywhere, which marks nothing. */
const MARKS = 60;

/** In what work is drawn: useful tokens, tokens, samples; the first that every line has. */
const MEASURES = ['realTokens', 'tokens', 'samples'] as const satisfies readonly (keyof WorkTotals)[];

type Steps = NonNullable<RunProgress['steps']>;

interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
  readonly work: number;
}

/**
 * Where in time the work lies that a run kept: each line's between it and the line before. After a start it reaches
 * back as far as its steps took: the time that went into work that was lost, or into starting again, has none.
 */
function stretches(kept: readonly KeptWork[], done: readonly number[], meanStepMs: number | null): Stretch[] {
  const found: Stretch[] = [];
  for (const [i, { timeMs, steps, stepMs, isStart }] of kept.entries()) {
    const before = kept[i - 1]?.timeMs ?? null;
    const work = (done[i] as number) - (done[i - 1] ?? 0);
    if (timeMs === null || work < 0) continue;
    const ownMs = (stepMs ?? meanStepMs ?? Number.NaN) * steps;
    const began = isStart || before === null ? timeMs - ownMs : before;
    const fromMs = Math.max(began, before ?? began);
    if (fromMs < timeMs) found.push({ fromMs, toMs: timeMs, work });
  }
  return found;
}

/**
 * Useful tokens, or samples, a second of the whole run over the steps of a timeline; null outside of what the logs
 * tell, 0 where none were kept. Null where no log counts work against a clock, or the clock has a sample of it only.
 */
export function workSeries(
  steps: Steps | null,
  manifest: RunManifest,
  { startMs, stepMs, points }: { readonly startMs: number; readonly stepMs: number; readonly points: number },
): Timeline['work'] {
  if (!steps) return null;
  const totals = steps.kept.map((k) => completed(k.totals, manifest));
  const measure = MEASURES.find((m) => totals.length > 0 && totals.every((t) => t[m] !== null));
  if (!measure) return null;
  const done = totals.map((t) => t[measure] as number);
  const all = stretches(steps.kept, done, steps.meanStepMs);
  const [first, last] = [all[0], all.at(-1)];
  if (!first || !last) return null;
  const work = new Float64Array(points);
  for (const { fromMs, toMs, work: own } of all) {
    const from = Math.max(0, Math.floor((fromMs - startMs) / stepMs));
    for (let i = from; i < points && startMs + i * stepMs < toMs; i += 1) {
      const binMs = startMs + i * stepMs;
      const overlapMs = Math.min(toMs, binMs + stepMs) - Math.max(fromMs, binMs);
      work[i] = (work[i] as number) + (own * Math.max(overlapMs, 0)) / (toMs - fromMs);
    }
  }
  const perSecond = Array.from(work, (amount, i): number | null => {
    const binMs = startMs + i * stepMs;
    const knownMs = Math.min(last.toMs, binMs + stepMs) - Math.max(first.fromMs, binMs);
    return knownMs < stepMs * KNOWN_SHARE ? null : Number((amount / (knownMs / 1000)).toPrecision(5));
  });
  return { unit: measure === 'samples' ? 'sample' : 'token', perSecond };
}

/** Restarts and evaluations of the model, in time. */
export function marksOf({ steps, evaluations }: Pick<RunProgress, 'steps' | 'evaluations'>): TimelineMark[] {
  const restarts = (steps?.interruptions ?? []).flatMap(({ lastMs, firstMs, fromStep }): TimelineMark[] => {
    const atMs = firstMs ?? lastMs;
    if (atMs === null) return [];
    const fromMs = lastMs !== null && lastMs <= atMs ? lastMs : atMs;
    return [{ kind: 'restart', fromMs, atMs, fromStep }];
  });
  const quality = evaluations.map(
    (e): TimelineMark => ({ kind: 'evaluation', fromMs: e.timeMs, atMs: e.timeMs, fromStep: null }),
  );
  return [...restarts.slice(0, MARKS), ...(quality.length > MARKS ? [] : quality)].sort(
    (a, b) => a.atMs - b.atMs,
  );
}
