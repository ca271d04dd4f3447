import type { ProgressRecord } from './progress.ts';
import { isRepeat, isResume, positionOf } from './step-records.ts';
import { between, minus, NO_WORK, orElse, plus, totalsOf, type WorkTotals } from './work-totals.ts';

/** Rates of one chip. */
export interface ChipRates {
  readonly tokensPerSecondPerChip: number | null;
  readonly tflopsPerChip: number | null;
  readonly mfuRatio: number | null;
}

/** What the steps of a run come to, over its restarts. */
export interface StepSummary {
  /** Work that the run ended with: what was done after a checkpoint and lost in a fall back to it is not in it. */
  readonly useful: WorkTotals;
  /** Work that was done, whether it was kept or not. */
  readonly processed: WorkTotals;
  /** Steps that were done before the log begins. */
  readonly stepsBefore: number;
  readonly restarts: number;
  /** Steps whose update was skipped; their samples count as work. */
  readonly skippedSteps: number | null;
  /** Mean time of a step that was kept, the first ones of each start left out. */
  readonly meanStepMs: number | null;
  readonly stepTimeBasis: 'logged' | 'clock' | null;
  /** No steps but the first ones have a time, so that these make the mean. */
  readonly isFirstStepsOnly: boolean;
  /** Time of the steps that were kept, each of the first ones taken as a mean one. */
  readonly usefulStepMs: number | null;
  /** As the log claims them: means over the same steps. */
  readonly logged: ChipRates;
  /** Training loss of the steps that were kept, in order. */
  readonly losses: readonly LossRecord[];
  /** Work that was kept, line by line. */
  readonly kept: readonly KeptWork[];
  readonly interruptions: readonly Interruption[];
}

/** Work that the run had done and kept by one line of a log. */
export interface KeptWork {
  readonly timeMs: number | null;
  readonly totals: WorkTotals;
  /** Steps that the line reports; 0 where the log numbers none. */
  readonly steps: number;
  readonly stepMs: number | null;
  /** The first line of a start: what lies before it is no step time. */
  readonly isStart: boolean;
}

/** Training was started anew: the last line before, and the first one after, in time; null where they have none. */
export interface Interruption {
  readonly lastMs: number | null;
  readonly firstMs: number | null;
  /** Steps that stood when training went on. */
  readonly fromStep: number | null;
}

/** The training loss that a log gives for the steps up to a point. */
export interface LossRecord {
  /** Work that the run had done by then and kept. */
  readonly totals: WorkTotals;
  /** Steps that it is the loss of; 0 where the log numbers none. */
  readonly steps: number;
  readonly loss: number;
}

/**
 * The first steps of a start compile, warm up and dispatch asynchronously: MaxText logs 44.9 s and 0.3 s where a step
 * takes 5.7 s, Megatron 10.3 s where the clock moved 7.6 s. Their times are no step times.
 */
const FIRST_STEPS = 2;

/** A reported point of the work kept so far, with what lies between it and the point before. */
interface Point {
  readonly position: number;
  readonly timeMs: number | null;
  readonly totals: WorkTotals;
  /** Steps since the point before; 0 where the log numbers none. */
  readonly steps: number;
  readonly isFirst: boolean;
  readonly isStart: boolean;
  readonly stepMs: number | null;
  readonly isLogged: boolean;
  readonly rates: ChipRates;
  readonly loss: number | null;
}

const lossOf = ({ key, value }: ProgressRecord): number | null => (key === 'loss' ? value : null);

/** Folds the step records of a run in order. Keeps a point a record of the work that stands, as any may be fallen back to. */
export class StepFold {
  private readonly kept: Point[] = [];
  private base: WorkTotals;
  private processed: WorkTotals = NO_WORK;
  private startPosition: number;
  private isNewStart = true;
  private restarts = 0;
  private lastMs: number | null = null;
  private readonly interruptions: Interruption[] = [];
  private skipped: { total: number; last: number } | null = null;

  /** `before`: work that was done before the first record. */
  constructor(before: WorkTotals) {
    this.base = before;
    this.startPosition = before.steps ?? 0;
  }

  /** The process was started anew. */
  restart(): void {
    if (this.isNewStart) return;
    this.restarts += 1;
    this.lastMs = this.kept.at(-1)?.timeMs ?? null;
    this.isNewStart = true;
    this.startPosition = this.positionNow();
  }

  add(record: ProgressRecord): void {
    if (isResume(record)) this.resume(record.value ?? 0);
    const position = positionOf(record);
    if (position === null) return;
    const last = this.kept.at(-1);
    if (last && isRepeat({ ...record, position }, last)) {
      if (position === last.position) this.complete(last, record);
      return;
    }
    if (last && position <= last.position) this.fallBack(position, (p) => p.position >= position);
    this.count(record.skippedSteps);
    this.push(record, position);
  }

  /** Training goes on from a checkpoint: what was done behind it is lost, also between two lines. */
  private resume(step: number): void {
    if (this.kept.length === 0) return;
    const lost = this.kept.find((p) => p.position > step);
    this.fallBack(step + 1, (p) => p.position > step);
    if (lost && lost.steps > 0 && step > this.positionNow()) this.keepPart(lost, step);
    this.startPosition = this.positionNow();
  }

  /** Of what lies between the last point and a lost one, keeps what was done up to `position`. */
  private keepPart(lost: Point, position: number): void {
    const from = this.positionNow();
    const share = (position - from) / (lost.position - from);
    const totals = between(this.totalsNow(), lost.totals, share);
    this.kept.push({ ...lost, position, timeMs: null, totals, steps: lost.steps * share });
  }

  private fallBack(position: number, isLost: (point: Point) => boolean): void {
    this.restart();
    for (let last = this.kept.at(-1); last && isLost(last); last = this.kept.at(-1)) this.kept.pop();
    if (position <= (this.base.steps ?? 0)) this.base = NO_WORK;
    this.startPosition = this.positionNow();
  }

  private totalsNow(): WorkTotals {
    return this.kept.at(-1)?.totals ?? this.base;
  }

  private positionNow(): number {
    return this.kept.at(-1)?.position ?? this.base.steps ?? 0;
  }

  private push(record: ProgressRecord, position: number): void {
    const before = this.totalsNow();
    const totals = totalsOf(record, before);
    const done = minus(totals, before);
    this.processed = plus(this.processed, done);
    const steps = done.steps ?? 0;
    if (this.isNewStart && this.restarts > this.interruptions.length)
      this.interruptions.push({ lastMs: this.lastMs, firstMs: record.timeMs, fromStep: before.steps });
    const beforeMs = this.isNewStart ? null : (this.kept.at(-1)?.timeMs ?? null);
    const clockMs =
      record.timeMs !== null && beforeMs !== null && steps > 0 ? (record.timeMs - beforeMs) / steps : null;
    this.kept.push({
      position,
      timeMs: record.timeMs,
      totals,
      steps,
      isFirst: this.positionNow() - this.startPosition < FIRST_STEPS,
      isStart: this.isNewStart,
      stepMs: record.stepMs ?? clockMs,
      isLogged: record.stepMs !== null,
      rates: record,
      loss: lossOf(record),
    });
    this.isNewStart = false;
  }

  /** Two lines of one step say together what it was. */
  private complete(last: Point, record: ProgressRecord): void {
    this.kept[this.kept.length - 1] = {
      ...last,
      totals: orElse(last.totals, totalsOf(record, { ...this.base, steps: null })),
      stepMs: (last.isLogged ? last.stepMs : null) ?? record.stepMs ?? last.stepMs,
      isLogged: last.isLogged || record.stepMs !== null,
      rates: {
        tokensPerSecondPerChip: last.rates.tokensPerSecondPerChip ?? record.tokensPerSecondPerChip,
        tflopsPerChip: last.rates.tflopsPerChip ?? record.tflopsPerChip,
        mfuRatio: last.rates.mfuRatio ?? record.mfuRatio,
      },
      loss: last.loss ?? lossOf(record),
    };
  }

  /** Skipped steps are a total of the process that printed them; where it falls, another one counts from nought. */
  private count(skipped: number | null): void {
    if (skipped === null) return;
    const { total = 0, last = 0 } = this.skipped ?? {};
    this.skipped = { total: total + (skipped >= last ? skipped - last : skipped), last: skipped };
  }

  /** Null where no record tells how far the work was. */
  summary(): StepSummary | null {
    if (this.kept.length === 0) return null;
    const timed = this.kept.filter((p) => p.steps > 0 && p.stepMs !== null);
    const later = timed.filter((p) => !p.isFirst);
    const points = later.length > 0 ? later : timed;
    const meanStepMs = meanOf(points, (p) => p.stepMs);
    const useful = minus(this.totalsNow(), this.base);
    return {
      useful,
      processed: this.restarts === 0 ? useful : this.processed,
      stepsBefore: this.base.steps ?? 0,
      restarts: this.restarts,
      skippedSteps: this.skipped?.total ?? null,
      meanStepMs,
      stepTimeBasis: meanStepMs === null ? null : points.some((p) => p.isLogged) ? 'logged' : 'clock',
      isFirstStepsOnly: timed.length > 0 && later.length === 0,
      usefulStepMs: meanStepMs === null ? null : usefulMs(this.kept, meanStepMs),
      logged: ratesOf(this.kept),
      losses: this.kept.flatMap(({ totals, steps, loss }) =>
        loss === null ? [] : [{ totals: minus(totals, this.base), steps, loss }],
      ),
      kept: this.kept.map(({ totals, ...p }) => ({
        timeMs: p.timeMs,
        totals: minus(totals, this.base),
        steps: p.steps,
        stepMs: p.stepMs,
        isStart: p.isStart,
      })),
      interruptions: this.interruptions,
    };
  }
}

/** Mean over steps; null where no point has a value. */
function meanOf(points: readonly Point[], pick: (point: Point) => number | null): number | null {
  let [sum, steps] = [0, 0];
  for (const point of points) {
    const value = pick(point);
    if (value === null) continue;
    sum += value * point.steps;
    steps += point.steps;
  }
  return steps > 0 ? sum / steps : null;
}

const usefulMs = (points: readonly Point[], meanMs: number): number =>
  points.reduce((sum, p) => sum + p.steps * (p.isFirst ? meanMs : (p.stepMs ?? meanMs)), 0);

/** Means of what the log claims, over time: the harmonic mean over steps of equal work. */
function ratesOf(points: readonly Point[]): ChipRates {
  const rate = (name: keyof ChipRates): number | null => {
    const given = points.filter((p) => p.steps > 0 && (p.rates[name] ?? 0) > 0);
    const later = given.filter((p) => !p.isFirst);
    const inverse = meanOf(later.length > 0 ? later : given, (p) => 1 / (p.rates[name] as number));
    return inverse === null ? null : 1 / inverse;
  };
  return {
    tokensPerSecondPerChip: rate('tokensPerSecondPerChip'),
    tflopsPerChip: rate('tflopsPerChip'),
    mfuRatio: rate('mfuRatio'),
  };
}
