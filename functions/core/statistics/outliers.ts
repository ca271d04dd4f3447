import { InputError } from '../errors.ts';
import { finite, positive } from './arguments.ts';

/** |z| above this is an outlier. Source: Iglewicz & Hoaglin 1993, "How to detect and handle outliers". */
export const OUTLIER_LIMIT = 3.5;

/** A normal distribution's MAD is this many standard deviations. */
const MAD_OF_NORMAL = 0.6745;

/** A normal distribution's standard deviation is this many mean absolute deviations, sqrt(pi / 2). */
const SD_OVER_MEAN_DEVIATION = 1.253314;

export interface ModifiedZ {
  readonly median: number;
  /** Median absolute deviation from the median. */
  readonly mad: number;
  /**
   * What the scores were divided by. `mean-absolute-deviation` where the MAD is 0, which is where more than half of
   * the values are equal: any other value then stands out, however small the difference. `none` where all are equal.
   */
  readonly scale: 'mad' | 'mean-absolute-deviation' | 'none';
  /** In the order of the values; 0 where all are equal. */
  readonly scores: readonly number[];
  /** Indices of the values with |score| above the limit. */
  readonly outliers: readonly number[];
}

function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  const upper = sorted[half] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] as number) + upper) / 2;
}

/**
 * Modified z-scores z = 0.6745 (x - median) / MAD and the values with |z| > `limit`. Where the MAD is 0,
 * z = (x - median) / (1.253314 mean|x - median|), as IBM's Cognos Analytics documents for that case.
 * Throws InputError `outliers` for no values.
 */
export function modifiedZ(values: readonly number[], limit = OUTLIER_LIMIT): ModifiedZ {
  if (values.length === 0) throw new InputError('outliers', 'no values: expected at least one');
  positive('limit', limit);
  const centre = median(values.map((v) => finite('value', v)));
  const deviations = values.map((v) => Math.abs(v - centre));
  const mad = median(deviations);
  const meanDeviation = deviations.reduce((sum, d) => sum + d, 0) / values.length;
  const scale = mad > 0 ? 'mad' : meanDeviation > 0 ? 'mean-absolute-deviation' : 'none';
  const unit = {
    mad: mad / MAD_OF_NORMAL,
    'mean-absolute-deviation': SD_OVER_MEAN_DEVIATION * meanDeviation,
    none: 1,
  };
  const scores = values.map((v) => (v - centre) / unit[scale]);
  const outliers = [...scores.keys()].filter((i) => Math.abs(scores[i] as number) > limit);
  return { median: centre, mad, scale, scores, outliers };
}
