import { InputError } from '../errors.ts';
import { finite, openProbability, positive, wholeNumber } from './arguments.ts';
import { mean } from './mean-interval.ts';
import { tQuantile } from './student-t.ts';

/**
 * MLPerf Training's gate on convergence: a submission that reaches the quality target in fewer epochs (or samples)
 * than the reference's scatter explains was not the same training, however fast it was.
 *
 * Source: mlcommons/training_policies, training_rules.adoc, "Appendix: RCP Examples". Text and code of mlcommons
 * disagree, and the text is followed: its standard deviation is of the trimmed list. mlcommons/logging's rcp_checker
 * takes the full list's (as of Training 5.0; the version of Training 3.0 took the trimmed one), which would allow
 * 6.56 % and 4.69 % for the text's two examples instead of 3.53 % and 4.12 %.
 */
export interface ReferenceConvergence {
  /** Epochs or samples to converge, of the runs that are kept. */
  readonly mean: number;
  /** Population standard deviation (divided by n) of the runs that are kept. */
  readonly standardDeviation: number;
  readonly keptRuns: number;
}

export interface ConvergenceGate {
  readonly reference: ReferenceConvergence;
  /** The smallest submission mean that is not refused; 0 where the reference scatters so much that none is. */
  readonly smallestMean: number;
  /** reference mean / smallestMean - 1; null where no speed-up is too large. */
  readonly largestSpeedUp: number | null;
}

export interface ConvergenceResult {
  /** Olympic mean of the submission; null where more runs failed than are dropped. */
  readonly mean: number | null;
  readonly isAccepted: boolean;
  /** max(1, reference mean / submission mean): what MLPerf multiplies the score with. Null with `mean`. */
  readonly scalingFactor: number | null;
}

/** The `drop` best and the `drop` worst points left out; a failed run (null) counts as the worst. Null past that. */
function olympic(points: readonly (number | null)[], drop: number): number[] | null {
  const good = points.filter((p) => p !== null).map((p) => positive('point of convergence', p));
  const failed = points.length - good.length;
  if (failed > drop) return null;
  good.sort((a, b) => a - b);
  const kept = good.slice(drop, good.length - (drop - failed));
  if (kept.length > 0) return kept;
  throw new InputError('convergence', `${points.length} runs: expected more than the ${2 * drop} left out`);
}

/** What the reference runs say, from the epochs or samples that each took. MLPerf drops 1 at each end (unet3d: 4). */
export function referenceConvergence(points: readonly number[], drop = 1): ReferenceConvergence {
  const kept = olympic(points, wholeNumber('runs dropped at each end', drop)) as number[];
  const centre = mean(kept);
  const standardDeviation = Math.sqrt(mean(kept.map((x) => (x - centre) ** 2)));
  return { mean: centre, standardDeviation, keptRuns: kept.length };
}

/**
 * The reference at a batch size that lies between two measured ones: mean and standard deviation on the line between
 * them. It is taken for `2 * submissionRuns` runs, none dropped, as the text's example (3.68 % at batch 192) needs.
 */
export function interpolateReference(
  batch: number,
  smaller: { readonly batch: number; readonly reference: ReferenceConvergence },
  larger: { readonly batch: number; readonly reference: ReferenceConvergence },
  submissionRuns: number,
): ReferenceConvergence {
  if (!(smaller.batch < larger.batch && smaller.batch <= batch && batch <= larger.batch)) {
    throw new InputError(
      'convergence',
      `batch ${batch}: expected one from ${smaller.batch} to ${larger.batch}, the measured ones`,
    );
  }
  const share = (batch - smaller.batch) / (larger.batch - smaller.batch);
  const between = (a: number, b: number): number => a + share * (b - a);
  return {
    mean: between(smaller.reference.mean, larger.reference.mean),
    standardDeviation: between(smaller.reference.standardDeviation, larger.reference.standardDeviation),
    keptRuns: 2 * wholeNumber('submission runs', submissionRuns, 1),
  };
}

/**
 * The smallest mean of a submission of `submissionRuns` runs that a one-sided pooled t-test does not refuse, the
 * submission being taken to scatter as the reference does: mean - t(alpha, n_ref + n_sub - 2) s sqrt(1/n_ref + 1/n_sub)
 * with n_sub = runs - 2 drop.
 */
export function convergenceGate(
  reference: ReferenceConvergence,
  submissionRuns: number,
  drop = 1,
  alpha = 0.05,
): ConvergenceGate {
  const kept = wholeNumber('submission runs', submissionRuns) - 2 * wholeNumber('runs dropped', drop);
  wholeNumber('submission runs left after dropping', kept, 1);
  wholeNumber('reference runs and submission runs, together', reference.keptRuns + kept, 3);
  const t = tQuantile(1 - openProbability('alpha', alpha), reference.keptRuns + kept - 2);
  const error =
    finite('standard deviation', reference.standardDeviation) * Math.sqrt(1 / reference.keptRuns + 1 / kept);
  const smallestMean = Math.max(0, reference.mean - t * error);
  return {
    reference,
    smallestMean,
    largestSpeedUp: smallestMean > 0 ? reference.mean / smallestMean - 1 : null,
  };
}

/** A submission's points (null: a run that failed) against the gate. */
export function checkConvergence(
  gate: ConvergenceGate,
  points: readonly (number | null)[],
  drop = 1,
): ConvergenceResult {
  const kept = olympic(points, wholeNumber('runs dropped at each end', drop));
  if (kept === null) return { mean: null, isAccepted: false, scalingFactor: null };
  const centre = mean(kept);
  return {
    mean: centre,
    isAccepted: centre >= gate.smallestMean,
    scalingFactor: Math.max(1, gate.reference.mean / centre),
  };
}
