import { WattlineError } from '../core/errors.ts';

/** Names that the state machine retries or catches by. Those of classes are no longer what they were in a bundle. */
export const STEP_ERRORS = { transient: 'Wattline.Transient', permanent: 'Wattline.Permanent' } as const;

/** Gives an error of ours the name by which a step is tried again, or is not; others pass as they are. */
export function failStep(error: unknown): never {
  if (error instanceof WattlineError)
    error.name = error.retryable ? STEP_ERRORS.transient : STEP_ERRORS.permanent;
  throw error;
}
