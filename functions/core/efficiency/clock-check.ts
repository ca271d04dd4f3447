import type { PowerPiece } from './clock-fit.ts';
import {
  type ClockEstimate,
  FURTHEST_MS,
  fitsAsItStands,
  type RunMarkers,
  stepOffset,
  TOLERANCE_MS,
} from './clock-step.ts';
import type { Finding } from './evaluation.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
/** Scopes of one file share its clock: a few tell it. */
export const CURVES_PER_FILE = 4;
/** As far as logs that were started and stopped together may differ in length and place. */
const EXTENT_MS = 120_000;

/** Power of one scope in one file, in time order. */
export interface PowerCurve {
  readonly path: string;
  readonly scope: string;
  readonly pieces: readonly PowerPiece[];
  /** As run.json has them for the file now. */
  readonly clockOffsetMs: number;
  readonly timeZone: string | undefined;
}

interface FileClock extends ClockEstimate {
  readonly curve: PowerCurve;
}

const middleOf = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;

/** Offset of one file from the steps of its scopes; null where they show none, disagree, or fit as they stand. */
function fileStep(curves: readonly PowerCurve[], run: RunMarkers): FileClock | 'fits' | null {
  const steps = curves.flatMap((curve): FileClock[] => {
    const estimate = stepOffset(curve.pieces, run);
    return estimate ? [{ ...estimate, curve }] : [];
  });
  if (steps.length === 0) return null;
  const offsetMs = middleOf(steps.map((s) => s.offsetMs));
  const middle = steps.find((s) => s.offsetMs === offsetMs) as FileClock;
  const isOne = steps.every((s) => Math.abs(s.offsetMs - offsetMs) <= TOLERANCE_MS);
  return !isOne || fitsAsItStands(middle.curve.pieces, run, middle) ? 'fits' : middle;
}

/**
 * Offset of a log without a step (a switch draws what it draws) that lies wholly beside the run, from the logs that do
 * cover it: those were started and stopped with it.
 */
function extentOffset(curve: PowerCurve, all: readonly PowerCurve[], run: RunMarkers): FileClock | null {
  const own = extentOf(curve);
  const isBeside = (e: RunMarkers): boolean => e.stopMs <= run.startMs || e.startMs >= run.stopMs;
  const peers = all.map(extentOf).filter((e) => !isBeside(e));
  if (!isBeside(own) || peers.length === 0) return null;
  const startMs = own.startMs - middleOf(peers.map((e) => e.startMs));
  const stopMs = own.stopMs - middleOf(peers.map((e) => e.stopMs));
  if (Math.abs(startMs - stopMs) > EXTENT_MS || Math.abs(startMs) > FURTHEST_MS) return null;
  return { offsetMs: Math.round((startMs + stopMs) / 2), basis: 'log-extent', fit: null, curve };
}

const extentOf = ({ pieces }: PowerCurve): RunMarkers => ({
  startMs: (pieces[0] as PowerPiece).fromMs,
  stopMs: (pieces.at(-1) as PowerPiece).toMs,
});

/**
 * Compares the clocks of power logs with the run's markers by where the power steps up and down. Advice only: nothing
 * is shifted. Files that are off alike are one finding; a file whose power shows no clear step says nothing.
 */
export function clockFindings(curves: readonly PowerCurve[], run: RunMarkers): Finding[] {
  const read = curves.filter((c) => c.pieces.length > 0);
  const byPath = new Map<string, PowerCurve[]>();
  for (const curve of read) byPath.set(curve.path, [...(byPath.get(curve.path) ?? []), curve]);
  const clocks = [...byPath.values()].flatMap((own): FileClock[] => {
    const clock = fileStep(own, run) ?? extentOffset(own[0] as PowerCurve, read, run);
    return clock === null || clock === 'fits' ? [] : [clock];
  });
  return alike(clocks).map(finding);
}

/** Clocks whose offsets lie within the tolerance of the first of them, and that run.json reads in the same way. */
function alike(clocks: readonly FileClock[]): FileClock[][] {
  const groups: FileClock[][] = [];
  for (const clock of clocks) {
    const group = groups.find(([first]) => first && isAlike(first, clock));
    if (group) group.push(clock);
    else groups.push([clock]);
  }
  return groups;
}

const isAlike = (a: FileClock, b: FileClock): boolean =>
  Math.abs(a.offsetMs - b.offsetMs) <= TOLERANCE_MS &&
  a.basis === b.basis &&
  a.curve.clockOffsetMs === b.curve.clockOffsetMs &&
  a.curve.timeZone === b.curve.timeZone;

function finding(clocks: readonly FileClock[]): Finding {
  const { curve, basis, fit } = clocks[0] as FileClock;
  const estimateMs = middleOf(clocks.map((c) => c.offsetMs));
  const zoneMs = zoneOffset(estimateMs);
  const offsetMs = zoneMs ?? Math.round(estimateMs / SECOND_MS) * SECOND_MS;
  const mendMs = curve.clockOffsetMs - offsetMs;
  const paths = clocks.map((c) => c.curve.path).sort();
  const more = paths.length > 3 ? ` and ${paths.length - 3} more files` : '';
  return {
    code: 'clock-offset',
    severity: 'warning',
    message:
      `${paths.slice(0, 3).join(', ')}${more}: ${evidenceOf(basis, fit, offsetMs)}; ` +
      `${zoneMs === null ? 'one of the two clocks is off' : `likely a time zone that is ${span(zoneMs)} off`}. Nothing was shifted; ` +
      `clockOffsetMs ${mendMs} for the ${paths.length > 1 ? 'files' : 'file'} in run.json would mend it${zoneAdvice(zoneMs, curve.timeZone)}`,
    values: { paths, offsetMs, clockOffsetMs: mendMs, basis, ...(fit === null ? {} : { fit }) },
  };
}

function evidenceOf(basis: ClockEstimate['basis'], fit: number | null, offsetMs: number): string {
  const side = offsetMs > 0 ? 'after' : 'before';
  return basis === 'power-step'
    ? `the power steps up and down ${span(offsetMs)} ${side} the run's markers (a step there explains ${((fit ?? 0) * 100).toFixed(0)} % of its variation)`
    : `the log lies beside the run, ${span(offsetMs)} ${side} the logs that cover it, and is as long as they are`;
}

/** The whole or half hour, not zero, that an offset is that of; null where it is near none. */
function zoneOffset(offsetMs: number): number | null {
  const nearestMs = Math.round(offsetMs / (HOUR_MS / 2)) * (HOUR_MS / 2);
  return nearestMs !== 0 && Math.abs(offsetMs - nearestMs) <= TOLERANCE_MS ? nearestMs : null;
}

/** Stamps that are read too late are of a zone further east. */
const zoneAdvice = (zoneMs: number | null, timeZone: string | undefined): string =>
  zoneMs === null || timeZone === undefined
    ? ''
    : `, or a timeZone ${span(zoneMs)} further ${zoneMs > 0 ? 'east' : 'west'} than ${timeZone}`;

function span(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / SECOND_MS);
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)];
  const parts = [hours && `${hours} h`, minutes && `${minutes} min`, seconds % 60 && `${seconds % 60} s`];
  return parts.filter((part) => part).join(' ') || '0 s';
}
