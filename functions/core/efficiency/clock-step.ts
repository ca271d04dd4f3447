import { type PowerPiece, TwoLevelFit } from './clock-fit.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;

/** No two time zones in use are further apart from UTC. */
export const FURTHEST_MS = 14 * HOUR_MS;
const WINDOW_MS = 60_000;
const COARSE_STEPS = 16;
/** A shifted run has to lie in the log for at least this share, ... */
const INSIDE_RATIO = 0.8;
/** ... and the log has to hold this much before it and behind it: without idle time there is no step. */
const OUTSIDE_MS = 20_000;
/** Share of the log's variation that one step up and down explains; no log with a second run in it reaches a half. */
const CLEAR_FIT = 0.85;
/** Training warms up before its marker and cleans up behind it: steps of published runs lie up to 20 s off. */
export const TOLERANCE_MS = 30_000;
/** A shift must leave less than this share of what the markers as they stand leave unexplained. */
const UNEXPLAINED_RATIO = 0.5;

export interface RunMarkers {
  readonly startMs: number;
  readonly stopMs: number;
}

export interface ClockEstimate {
  /** Positive: the log's power comes that much later than the markers say. */
  readonly offsetMs: number;
  readonly basis: 'power-step' | 'log-extent';
  /** Share of the log's variation that a step at this offset explains; null where it is not from a step. */
  readonly fit: number | null;
}

/** Offset of the best step up and down, as far apart as the markers; null where the log shows no clear step. */
export function stepOffset(pieces: readonly PowerPiece[], run: RunMarkers): ClockEstimate | null {
  const [first, last] = [pieces[0], pieces.at(-1)];
  const runMs = run.stopMs - run.startMs;
  if (!first || !last || runMs <= 0) return null;
  const fit = new TwoLevelFit(pieces);
  const low = Math.max(-FURTHEST_MS, first.fromMs + OUTSIDE_MS - run.startMs);
  const high = Math.min(FURTHEST_MS, last.toMs - OUTSIDE_MS - run.stopMs);
  // The fit falls off over a run's length on either side of the best shift: a part of it is a step fine enough.
  const coarseMs = Math.max(runMs / COARSE_STEPS, Math.min(WINDOW_MS, runMs / 4));
  let best = search(fit, run, [low, high, coarseMs], { offsetMs: 0, fit: 0 });
  for (const [aroundMs, stepMs] of [
    [coarseMs, WINDOW_MS],
    [WINDOW_MS, SECOND_MS],
  ] as const) {
    if (best.fit === 0) return null;
    best = search(fit, run, [best.offsetMs - aroundMs, best.offsetMs + aroundMs, stepMs], best);
  }
  return best.fit < CLEAR_FIT ? null : { offsetMs: best.offsetMs, basis: 'power-step', fit: best.fit };
}

interface Found {
  readonly offsetMs: number;
  readonly fit: number;
}

function search(
  fit: TwoLevelFit,
  { startMs, stopMs }: RunMarkers,
  [lowMs, highMs, stepMs]: readonly [number, number, number],
  start: Found,
): Found {
  let best = start;
  for (let offsetMs = lowMs; offsetMs <= highMs; offsetMs += stepMs) {
    const [fromMs, toMs] = [startMs + offsetMs, stopMs + offsetMs];
    const sidesMs = Math.min(
      fit.insideMs(Number.NEGATIVE_INFINITY, fromMs),
      fit.insideMs(toMs, Number.POSITIVE_INFINITY),
    );
    if (sidesMs < OUTSIDE_MS || fit.insideMs(fromMs, toMs) < INSIDE_RATIO * (toMs - fromMs)) continue;
    const explained = fit.at(fromMs, toMs);
    if (explained > best.fit) best = { offsetMs, fit: explained };
  }
  return best;
}

/** Whether the markers as they stand explain the power about as well as the best shift does. */
export function fitsAsItStands(
  pieces: readonly PowerPiece[],
  run: RunMarkers,
  { offsetMs, fit }: ClockEstimate,
): boolean {
  if (Math.abs(offsetMs) < TOLERANCE_MS) return true;
  const unexplained = 1 - new TwoLevelFit(pieces).at(run.startMs, run.stopMs);
  return fit !== null && 1 - fit > UNEXPLAINED_RATIO * unexplained;
}
