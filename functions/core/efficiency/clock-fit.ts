/** A stretch of a power log with its mean power: a window, or a part of one. */
export interface PowerPiece {
  readonly fromMs: number;
  readonly toMs: number;
  readonly meanW: number;
}

/**
 * How well a power log is explained by one level between two times and another outside of them: the coefficient of
 * determination of the least-squares fit
 *
 *   x_i = a + b f_i,   weights w_i
 *
 * with x_i the mean power of a stretch of w_i ms, f_i the share of it that lies between the two times, and b > 0.
 * Every fit costs two binary searches: sums over the stretches are kept as running totals.
 */
export class TwoLevelFit {
  private readonly pieces: readonly PowerPiece[];
  /** Totals over the pieces before each one. */
  private readonly timeMs: Float64Array;
  private readonly energy: Float64Array;
  private readonly varianceX: number;

  /** `pieces` in time order, without overlap. */
  constructor(pieces: readonly PowerPiece[]) {
    this.pieces = pieces;
    this.timeMs = new Float64Array(pieces.length + 1);
    this.energy = new Float64Array(pieces.length + 1);
    pieces.forEach(({ fromMs, toMs, meanW }, i) => {
      this.timeMs[i + 1] = (this.timeMs[i] as number) + (toMs - fromMs);
      this.energy[i + 1] = (this.energy[i] as number) + (toMs - fromMs) * meanW;
    });
    const meanW = this.allEnergy / this.allMs;
    this.varianceX =
      pieces.reduce((sum, p) => sum + (p.toMs - p.fromMs) * (p.meanW - meanW) ** 2, 0) / this.allMs;
  }

  get allMs(): number {
    return this.timeMs[this.pieces.length] as number;
  }

  private get allEnergy(): number {
    return this.energy[this.pieces.length] as number;
  }

  /** Time of the log that lies between two times, in ms. */
  insideMs(fromMs: number, toMs: number): number {
    return this.before(toMs).timeMs - this.before(fromMs).timeMs;
  }

  /** 0 to 1; 0 where the power between the two times is not the higher one. */
  at(fromMs: number, toMs: number): number {
    const [from, to] = [this.before(fromMs), this.before(toMs)];
    const insideMs = to.timeMs - from.timeMs;
    const meanF = insideMs / this.allMs;
    const meanW = this.allEnergy / this.allMs;
    const covariance = (to.energy - from.energy - insideMs * meanW) / this.allMs;
    const varianceF = (insideMs - this.partial(from.piece, to.piece, fromMs, toMs)) / this.allMs - meanF ** 2;
    if (covariance <= 0 || varianceF <= 0 || this.varianceX <= 0) return 0;
    return covariance ** 2 / (varianceF * this.varianceX);
  }

  /** Sum of w f (1 - f) over the pieces that an end falls into: those within and without have none. */
  private partial(first: number, last: number, fromMs: number, toMs: number): number {
    let sum = 0;
    for (const i of new Set([first, last])) {
      const piece = this.pieces[i];
      if (!piece) continue;
      const lengthMs = piece.toMs - piece.fromMs;
      const insideMs = Math.max(0, Math.min(toMs, piece.toMs) - Math.max(fromMs, piece.fromMs));
      sum += insideMs * (1 - insideMs / lengthMs);
    }
    return sum;
  }

  /** Totals of what lies before a time, and the piece that it falls into. */
  private before(timeMs: number): { timeMs: number; energy: number; piece: number } {
    let [low, high] = [0, this.pieces.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.pieces[middle] as PowerPiece).toMs <= timeMs) low = middle + 1;
      else high = middle;
    }
    const piece = this.pieces[low];
    const insideMs = piece ? Math.max(0, timeMs - piece.fromMs) : 0;
    return {
      timeMs: (this.timeMs[low] as number) + insideMs,
      energy: (this.energy[low] as number) + insideMs * (piece?.meanW ?? 0),
      piece: low,
    };
  }
}
