import { Random } from './random.ts';
import type { PlannedRun } from './schedule.ts';
import type { PilotSpec } from './spec.ts';

const MILLION = 1e6;

/** Training loss of one run: the curve of its side, the run's own offset, and noise from line to line. */
export class Loss {
  private readonly run: PlannedRun;
  private readonly noise: Random;
  /** Offset of the run, log. */
  readonly runLog: number;

  constructor({ seed }: PilotSpec, run: PlannedRun) {
    this.run = run;
    this.noise = new Random(seed, 'loss', run.name);
    this.runLog = run.workload.loss.runSd * this.noise.normal();
  }

  /** Without noise, after so many tokens. */
  trueAt(tokens: number): number {
    const { floor, scale, exponent, ratio } = this.run.workload.loss;
    const baseline = floor + scale * (tokens / MILLION) ** -exponent;
    return baseline * (this.run.role === 'candidate' ? ratio : 1) * Math.exp(this.runLog);
  }

  /** As the next line of the log says it. */
  next(tokens: number): number {
    return this.trueAt(tokens) * Math.exp(this.run.workload.loss.stepSd * this.noise.normal());
  }
}
