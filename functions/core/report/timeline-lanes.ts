import type { Evaluation } from '../efficiency/evaluation.ts';
import type { Band, Timeline } from '../efficiency/run-timeline.ts';
import { digits, percent, watts } from './format.ts';
import type { Lane } from './lane.ts';

type Series = readonly (number | null)[];
type Run = Pick<Evaluation, 'startMs' | 'stopMs'>;
type Grid = Pick<Timeline, 'startMs' | 'stepMs'>;

/** The steps of a series whose middle lies in the run. */
export function inRunValues(run: Run, { startMs, stepMs }: Grid, series: Series): (number | null)[] {
  return series.filter((_, i) => {
    const middleMs = startMs + (i + 0.5) * stepMs;
    return middleMs >= run.startMs && middleMs <= run.stopMs;
  });
}

const meanOf = (values: Series): number | null => {
  const known = values.filter((v) => v !== null);
  return known.length === 0 ? null : known.reduce((sum, v) => sum + v, 0) / known.length;
};

const wattTick = (w: number): string => (w >= 1e6 ? `${w / 1e6} MW` : w >= 1e3 ? `${w / 1e3} kW` : `${w} W`);
const countTick = (v: number): string => (v >= 1e6 ? `${v / 1e6} M` : v >= 1e3 ? `${v / 1e3} k` : String(v));
const countText = (v: number): string =>
  v >= 1e6 ? `${digits(v / 1e6, 4)} M` : v >= 1e3 ? `${digits(v / 1e3, 4)} k` : digits(v, 4);
const percentTick = (v: number): string => `${Number((v * 100).toPrecision(3))} %`;
const hertzTick = (v: number): string => (v >= 1e9 ? `${v / 1e9} GHz` : `${v / 1e6} MHz`);

/** Power of the whole system; null where no step of it was read. */
export function powerLane(
  run: Run & Pick<Evaluation, 'evidence'>,
  timeline: Timeline,
  colour: string,
): Lane | null {
  if (timeline.powerW.every((v) => v === null)) return null;
  const mean = meanOf(inRunValues(run, timeline, timeline.powerW));
  return {
    title: 'Power, system',
    // Below grade C a mean over what was read is no mean of the run.
    says: mean === null || run.evidence === 'D' ? '' : `about ${watts(mean)} in the run`,
    series: timeline.powerW,
    band: null,
    isFromZero: true,
    tick: wattTick,
    colour,
  };
}

/** Share of the time that scopes were held back, for whatever reason, step by step; null where no reason was read. */
export function throttledSeries({ scopes }: Pick<Timeline, 'scopes'>): (number | null)[] | null {
  const reasons = Object.values(scopes?.throttledRatio ?? {}).filter((s) => s !== null);
  if (reasons.length === 0) return null;
  return (reasons[0] as Series).map((_, i) => {
    const known = reasons.flatMap((series) => series[i] ?? []);
    return known.length === 0
      ? null
      : Math.min(
          1,
          known.reduce((sum, v) => sum + v, 0),
        );
  });
}

const bandLane = (
  run: Run,
  timeline: Timeline,
  band: Band | null,
  lane: Pick<Lane, 'title' | 'tick' | 'isFromZero'> & { readonly text: (mean: number) => string },
): Lane | null => {
  if (!band) return null;
  const mean = meanOf(inRunValues(run, timeline, band.mean));
  const { text, ...rest } = lane;
  const count = timeline.scopes?.count ?? 1;
  return {
    ...rest,
    says: mean === null ? '' : `mean ${text(mean)}`,
    series: band.mean,
    band: count > 1 ? band : null,
    colour: 'var(--cand)',
  };
};

/** All that was read over time, in the order in which it is drawn. */
export function lanesOf(e: Evaluation, timeline: Timeline): Lane[] {
  const { scopes, work } = timeline;
  const kind = scopes?.kind ?? 'chip';
  const rate = work && meanOf(inRunValues(e, timeline, work.perSecond));
  const throttled = throttledSeries(timeline);
  const share = throttled && meanOf(inRunValues(e, timeline, throttled));
  const lanes: (Lane | null)[] = [
    powerLane(e, timeline, 'var(--cand)'),
    scopes && scopes.count > 1
      ? bandLane(e, timeline, scopes.powerW, {
          title: `Power, a ${kind}`,
          text: watts,
          tick: wattTick,
          isFromZero: true,
        })
      : null,
    work && {
      title: work.unit === 'token' ? 'Useful tokens/s' : 'Samples/s',
      says: rate === null ? '' : `about ${countText(rate as number)} a second`,
      series: work.perSecond,
      band: null,
      isFromZero: true,
      tick: countTick,
      colour: 'var(--good)',
    },
    bandLane(e, timeline, scopes?.temperatureC ?? null, {
      title: `Temperature, a ${kind}`,
      text: (v) => `${digits(v, 3)} °C`,
      tick: (v) => `${v} °C`,
      isFromZero: false,
    }),
    bandLane(e, timeline, scopes?.clockHz ?? null, {
      title: `Clock, a ${kind}`,
      text: (v) => `${digits(v / 1e6, 4)} MHz`,
      tick: hertzTick,
      isFromZero: false,
    }),
    throttled && {
      title: 'Held back',
      says: share === null ? '' : `${percent(share as number)} of the time`,
      series: throttled,
      band: null,
      isFromZero: true,
      atLeast: 0.1,
      tick: percentTick,
      colour: 'var(--open)',
    },
  ];
  return lanes.filter((lane): lane is Lane => lane?.series.some((v) => v !== null) === true);
}
