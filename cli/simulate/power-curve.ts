import type { Training } from './training.ts';

/** A piece of the curve, time in s since run start: level + slope (t - from) + amplitude sin(2 pi cycles share). */
interface Piece {
  readonly fromS: number;
  readonly toS: number;
  readonly levelW: number;
  readonly slopeWPerS: number;
  readonly amplitudeW: number;
  readonly cycles: number;
  /** Energy of all pieces before it, J. */
  readonly beforeJ: number;
}

/** Swings of power within a run, of its mean, and how long one takes at least: many readings see it. */
const SWING = 0.03;
const SWING_S = 12;
const SWING_PERIODS = 12;
/** Readings that a rise or a fall takes, so that its trapezoids are near its integral. */
const RAMP_PERIODS = 2;
/** Readings at full power before run start and behind run stop: the warm-up, and work that no marker counts. */
const HOLD_PERIODS = 2.5;

export interface CurveInput {
  readonly training: Training;
  /** Energy of the training itself, J; that of the time between stretches is on top. */
  readonly workJ: number;
  readonly idleW: number;
  readonly idleS: number;
  readonly periodS: number;
}

const pieceEnergyJ = (piece: Piece, atS: number): number => {
  const dt = atS - piece.fromS;
  const length = piece.toS - piece.fromS;
  const omega = (2 * Math.PI * piece.cycles) / length;
  const wave = piece.cycles === 0 ? 0 : (piece.amplitudeW * (1 - Math.cos(omega * dt))) / omega;
  return piece.levelW * dt + (piece.slopeWPerS * dt * dt) / 2 + wave;
};

/**
 * True power of one chip over time. During training it swings by whole cycles around a mean of
 * work / time of training, so that its energy is exact; between stretches it falls to idle and rises again.
 */
export class PowerCurve {
  private readonly pieces: Piece[] = [];
  private readonly startMs: number;
  private readonly runS: number;
  readonly busyW: number;
  readonly idleW: number;
  /** First and last time of the curve, ms since the epoch. */
  readonly fromMs: number;
  readonly toMs: number;

  constructor({ training, workJ, idleW, idleS, periodS }: CurveInput) {
    this.startMs = training.startMs;
    this.runS = (training.stopMs - training.startMs) / 1000;
    this.idleW = idleW;
    const trainedMs = training.stretches.reduce((sum, s) => sum + s.stopMs - s.startMs, 0);
    this.busyW = (workJ / trainedMs) * 1000;
    const holdS = HOLD_PERIODS * periodS;
    const rampS = RAMP_PERIODS * periodS;
    const leadS = holdS + rampS + idleS + periodS;
    this.fromMs = training.startMs - leadS * 1000;
    this.toMs = training.stopMs + leadS * 1000;
    this.line(-leadS, idleS + periodS, idleW, idleW);
    this.line(-holdS - rampS, rampS, idleW, this.busyW);
    this.line(-holdS, holdS, this.busyW, this.busyW);
    let atS = 0;
    for (const { startMs, stopMs } of training.stretches) {
      const startS = (startMs - this.startMs) / 1000;
      if (startS > atS) this.pause(atS, startS, rampS);
      this.wave(startS, (stopMs - startMs) / 1000, Math.max(SWING_S, SWING_PERIODS * periodS));
      atS = startS + (stopMs - startMs) / 1000;
    }
    this.line(this.runS, holdS, this.busyW, this.busyW);
    this.line(this.runS + holdS, rampS, this.busyW, idleW);
    this.line(this.runS + holdS + rampS, idleS + periodS, idleW, idleW);
  }

  /** True power in W. */
  powerW(timeMs: number): number {
    const atS = (timeMs - this.startMs) / 1000;
    const { fromS, toS, levelW, slopeWPerS, amplitudeW, cycles } = this.pieceAt(atS);
    const wave = amplitudeW * Math.sin((2 * Math.PI * cycles * (atS - fromS)) / (toS - fromS));
    return levelW + slopeWPerS * (atS - fromS) + wave;
  }

  /** Energy since the beginning of the curve, J. */
  energyToJ(timeMs: number): number {
    const atS = (timeMs - this.startMs) / 1000;
    const piece = this.pieceAt(atS);
    return piece.beforeJ + pieceEnergyJ(piece, atS);
  }

  /** Energy between run start and run stop, J. */
  get runJ(): number {
    return this.energyToJ(this.startMs + this.runS * 1000) - this.energyToJ(this.startMs);
  }

  private pieceAt(atS: number): Piece {
    const found = this.pieces.find((piece) => atS <= piece.toS);
    return found ?? (this.pieces.at(-1) as Piece);
  }

  private pause(fromS: number, toS: number, wantedS: number): void {
    const rampS = Math.min(wantedS, (toS - fromS) / 3);
    this.line(fromS, rampS, this.busyW, this.idleW);
    this.line(fromS + rampS, toS - fromS - 2 * rampS, this.idleW, this.idleW);
    this.line(toS - rampS, rampS, this.idleW, this.busyW);
  }

  private line(fromS: number, lengthS: number, fromW: number, toW: number): void {
    this.add({
      fromS,
      toS: fromS + lengthS,
      levelW: fromW,
      slopeWPerS: (toW - fromW) / lengthS,
      amplitudeW: 0,
      cycles: 0,
    });
  }

  private wave(fromS: number, lengthS: number, swingS: number): void {
    const cycles = Math.floor(lengthS / swingS);
    const amplitudeW = cycles === 0 ? 0 : SWING * this.busyW;
    this.add({ fromS, toS: fromS + lengthS, levelW: this.busyW, slopeWPerS: 0, amplitudeW, cycles });
  }

  private add(piece: Omit<Piece, 'beforeJ'>): void {
    const last = this.pieces.at(-1);
    this.pieces.push({ ...piece, beforeJ: last ? last.beforeJ + pieceEnergyJ(last, last.toS) : 0 });
  }
}
