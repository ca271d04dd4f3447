import { assumptions } from '../../functions/core/cost-model/assumptions.ts';
import { DEPLOYMENT } from '../../functions/core/cost-model/deployment.ts';
import { dailyVolume, type Fleet } from '../../functions/core/cost-model/fleet.ts';
import { dailyWork } from '../../functions/core/cost-model/work.ts';
import type { Section } from '../bench/section.ts';
import { DAY_S } from './arrivals.ts';
import { type SimulatedDay, simulateDay } from './day.ts';
import { type Load, loadsOf, tightest } from './limits.ts';

const CHIPS_PER_PROGRAM = 10_000;
const PLANNED_CHIPS = 100_000;
const SWEEP = [1_000, 10_000, 100_000, 1_000_000, 10_000_000];
const KEPT_DAYS = [1, 7, 30, 90, 365];

export const fleetOf = (chips: number, retentionDays = 30): Fleet => ({
  chips,
  hz: 1,
  fileMb: 64,
  programs: Math.max(1, Math.round(chips / CHIPS_PER_PROGRAM)),
  retentionDays,
});

const short = (value: number): string =>
  value === 0 ? '0' : Number(value.toPrecision(3)).toLocaleString('en-US', { maximumSignificantDigits: 3 });
const share = (value: number): string => `${short(value * 100)} %`;

const isDone = ({ ingest, evaluate }: SimulatedDay): boolean =>
  ingest.done + ingest.deadLetters === evaluate.done + evaluate.deadLetters + ingest.deadLetters;

/** The day that the design plans for. */
export function plannedDay(seed: number): Section {
  const day = simulateDay(fleetOf(PLANNED_CHIPS), seed);
  const { cost, ingest, evaluate } = day;
  const { volume, usdPerDay, usdPerChipDay } = cost;
  const rows: [string, string][] = [
    ['readings', short(volume.rows)],
    ['uploaded, as gzip', `${short(volume.uploadBytes / 1e9)} GB`],
    ['files of telemetry', `${short(volume.files)} of ${short(volume.fileMb)} MB`],
    ['ingest of one file, mean', `${short(cost.work.ingestSecondsPerFile)} s`],
    [
      'ingest: functions at work, mean and most',
      `${short(ingest.busyS / DAY_S)}, ${ingest.peakBusy} of ${DEPLOYMENT.ingestAtOnce}`,
    ],
    ['ingest: most files that wait', short(ingest.peakWaiting)],
    [
      'ingest: age of a message when it is taken, p50 and p99',
      `${short(day.ingestAgeP50S)}, ${short(day.ingestAgeP99S)} s`,
    ],
    ['from upload to receipt, p99', `${short(day.receiptP99S)} s`],
    ['ingest: second attempts, dead letters', `${ingest.retries}, ${ingest.deadLetters}`],
    [
      'evaluate: functions at work, mean and most',
      `${short(evaluate.busyS / DAY_S)}, ${evaluate.peakBusy} of ${DEPLOYMENT.evaluateAtOnce}`,
    ],
    ['evaluate: age of a message when it is taken, p99', `${short(day.evaluateAgeP99S)} s`],
    [
      'PUT into landing and lake, peak',
      `${short(day.peakUploadsPerS)}, ${short(day.peakLakeWritesPerS)} a second`,
    ],
    ['GET and HEAD, peak', `${short(day.peakReadsPerS)} a second`],
    [
      'cost, 30 days kept',
      `${usdPerDay.toFixed(2)} USD a day, ${usdPerChipDay.toFixed(6)} USD a chip and day`,
    ],
  ];
  const loads = loadsOf(day);
  return {
    title: `A day of ${short(PLANNED_CHIPS)} chips at 1 Hz`,
    columns: ['what', 'a day'],
    rows,
    notes: [],
    targets: loads.map(({ name, of, share: reached }) => ({
      what: `${name}${of === 'night' ? ', 30 days kept' : ''}, share of its limit`,
      reached,
      atMost: 1,
    })),
    failures: isDone(day) ? [] : ['files went missing between ingest and evaluate'],
  };
}

/** Each limit: what 100,000 chips come to, what it is, and where it is from. */
export function limitTable(seed: number): Section {
  const loads = loadsOf(simulateDay(fleetOf(PLANNED_CHIPS), seed));
  return {
    title: `The limits, and what ${short(PLANNED_CHIPS)} chips come to`,
    columns: ['what', 'load', 'limit', 'share', 'of', 'source'],
    rows: loads.map((l) => [
      l.name,
      short(l.load),
      `${short(l.limit)} ${l.unit}`,
      share(l.share),
      l.of,
      l.source,
    ]),
    notes: [],
    targets: [],
    failures: [],
  };
}

/** Chips at which a limit is reached, by bisection over the decades that were simulated; null where none is. */
export function bendOf(of: Load['of'], seed: number, most: number): { chips: number; load: Load } | null {
  const worst = (chips: number): Load => tightest(loadsOf(simulateDay(fleetOf(chips), seed)), of);
  let high = 1_000;
  while (worst(high).share < 1) {
    if (high >= most) return null;
    high = Math.min(most, high * 4);
  }
  let low = high / 4;
  // To a tenth: the assumptions are not better than that.
  while (high / low > 1.1) {
    const middle = Math.round(Math.sqrt(low * high));
    if (worst(middle).share < 1) low = middle;
    else high = middle;
  }
  return { chips: high, load: worst(high) };
}

/** From a thousand chips to ten million: what grows, and which limit is next. */
export function sweep(seed: number): Section {
  const rows = SWEEP.map((chips) => {
    const day = simulateDay(fleetOf(chips), seed);
    const loads = loadsOf(day);
    const [first, night] = [tightest(loads, 'day'), tightest(loads, 'night')];
    return [
      short(chips),
      short(day.cost.volume.files),
      `${short(day.ingest.busyS / DAY_S)} / ${day.ingest.peakBusy}`,
      `${short(day.ingestAgeP50S)} / ${short(day.ingestAgeP99S)} s`,
      `${short(day.evaluate.busyS / DAY_S)} / ${day.evaluate.peakBusy}`,
      `${short(day.evaluateAgeP99S)} s`,
      `${short(day.peakLakeWritesPerS)} / ${short(day.peakReadsPerS)}`,
      short(day.cost.usdPerDay),
      `${first.name} (${share(first.share)})`,
      `${night.name} (${share(night.share)})`,
    ];
  });
  const bend = bendOf('day', seed, SWEEP.at(-1) as number);
  const night = bendOf('night', seed, SWEEP.at(-1) as number);
  const text = (found: typeof bend): string =>
    found === null ? 'is not reached' : `is reached at about ${short(found.chips)} chips: ${found.load.name}`;
  return {
    title: 'Where it bends',
    columns: [
      'chips',
      'files a day',
      'ingest at work, mean / most',
      'ingest age p50 / p99',
      'evaluate at work, mean / most',
      'evaluate age p99',
      'lake PUT / GET a second, peak',
      'USD a day',
      'nearest limit of the day',
      'nearest limit of the night',
    ],
    rows,
    notes: [
      `From upload to report the first limit ${text(bend)}. Of the night, with 30 days kept, it ${text(night)}.`,
    ],
    targets: [
      {
        what: 'From upload to report: planned chips to those at the first limit',
        reached: bend === null ? 0 : PLANNED_CHIPS / bend.chips,
        atMost: 1,
      },
    ],
    failures: [],
  };
}

/** The night grows with what is kept, not with what is new. */
export function nights(): Section {
  const rows = [1_000, 10_000, PLANNED_CHIPS].flatMap((chips) =>
    KEPT_DAYS.map((days) => {
      const fleet = fleetOf(chips, days);
      const { runs } = dailyVolume(fleet);
      const { night, lastAttemptS } = dailyWork(dailyVolume(fleet), fleet);
      const mapS = Math.ceil(night.staleRuns / DEPLOYMENT.nightRunsAtOnce) * lastAttemptS;
      const decideS = Math.ceil(fleet.programs / DEPLOYMENT.nightProgramsAtOnce) * night.decideS;
      const replayS = Math.ceil(runs / DEPLOYMENT.replayRunsAtOnce) * lastAttemptS;
      return [
        short(chips),
        String(days),
        short(night.keptObjects),
        `${short(night.reconcileS)} s`,
        `${short(mapS)} s`,
        `${short(decideS)} s`,
        `${short((night.reconcileS + mapS + decideS) / 60)} min`,
        `${short(replayS / 60)} min`,
        night.reconcileS <= DEPLOYMENT.nightTimeoutS && night.decideS <= DEPLOYMENT.nightTimeoutS
          ? 'yes'
          : '**no**',
      ];
    }),
  );
  return {
    title: 'The night, by what is kept',
    columns: [
      'chips',
      'days kept',
      'objects',
      'reconcile',
      'map over stale runs',
      'decide',
      'night',
      'replay of a day, its map',
      'each call within 15 min',
    ],
    rows,
    notes: [
      `Reconcile looks at every object that is kept, many at once, in one call; decide reads the evaluation of every run of its program. Maps work on ${DEPLOYMENT.nightRunsAtOnce} runs (a replay on ${DEPLOYMENT.replayRunsAtOnce}) and ${DEPLOYMENT.nightProgramsAtOnce} programs at a time.`,
    ],
    targets: [],
    failures: [],
  };
}

export const assumptionNotes = (): Section => ({
  title: 'What it rests on',
  columns: ['', ''],
  rows: [],
  notes: [
    assumptions()
      .map((text) => `- ${text}`)
      .join('\n'),
  ],
  targets: [],
  failures: [],
});
