import type { RunProgress } from '../telemetry/progress-fold.ts';
import type { ChipRates } from '../telemetry/step-fold.ts';
import type { Finding, ProgressEvaluation } from './evaluation.ts';

type Steps = NonNullable<RunProgress['steps']>;

/** A rate that a log claims and the recomputed one may differ by this much. */
const LOGGED_DISAGREES = 0.05;

const RATE_NAMES: Readonly<Record<keyof ChipRates, string>> = {
  tokensPerSecondPerChip: 'tokens per second and chip',
  tflopsPerChip: 'TFLOP/s per chip',
  mfuRatio: 'MFU',
};

const short = (value: number): string => String(Number(value.toPrecision(4)));

/** Rates that the log claims beside those that follow from its tokens and times. */
function loggedFindings({ logged, overSteps }: ProgressEvaluation): Finding[] {
  return (Object.keys(RATE_NAMES) as (keyof ChipRates)[]).flatMap((name): Finding[] => {
    const [claimed, computed] = [logged[name], overSteps[name]];
    if (claimed === null || computed === null) return [];
    if (Math.abs(claimed / computed - 1) <= LOGGED_DISAGREES) return [];
    return [
      {
        code: 'logged-rate-differs',
        severity: 'warning',
        about: name,
        message: `the log claims ${short(claimed)} ${RATE_NAMES[name]}; tokens, step time and the FLOPs of run.json come to ${short(computed)}`,
        values: { logged: claimed, computed },
      },
    ];
  });
}

function utilizationFindings(progress: ProgressEvaluation, reason: string | null): Finding[] {
  const isAsked = progress.flopsFormula !== null || reason?.startsWith('the formula') === true;
  const isClaimed = progress.logged.mfuRatio !== null || progress.logged.tflopsPerChip !== null;
  if (reason === null || !(isAsked || isClaimed)) return [];
  const severity = isAsked ? 'warning' : 'info';
  const unchecked = isClaimed ? '; what the log claims is not checked' : '';
  return [{ code: 'mfu-not-computed', severity, message: `no MFU: ${reason}${unchecked}` }];
}

function restartFindings({ restarts, processed, useful }: ProgressEvaluation): Finding[] {
  if (restarts === 0) return [];
  const lost = processed.steps === null || useful.steps === null ? null : processed.steps - useful.steps;
  return [
    {
      code: 'restarted',
      severity: 'warning',
      message: `training was started anew ${restarts} times; ${lost === null ? 'some work was' : `${short(lost)} steps were`} done and not kept`,
      values: { restarts, ...(lost === null ? {} : { lostSteps: lost }) },
    },
  ];
}

/** What a reader must know of the steps that the logs report. */
function stepFindings({ skippedSteps, stepsBefore, isSampled, isFirstStepsOnly }: Steps): Finding[] {
  const findings: Finding[] = [];
  if (skippedSteps)
    findings.push({
      code: 'steps-skipped',
      severity: 'warning',
      message: `${skippedSteps} steps skipped their update; their samples count as work`,
      values: { skippedSteps },
    });
  if (stepsBefore > 0)
    findings.push({
      code: 'log-begins-late',
      severity: 'warning',
      message: `the training log begins after step ${stepsBefore}; the steps before are no work of this run`,
      values: { stepsBefore },
    });
  if (isSampled)
    findings.push({
      code: 'sampled-log',
      severity: 'info',
      message:
        'steps are known from a sampled export only: the last one in it may not be the last of the run',
    });
  if (isFirstStepsOnly)
    findings.push({
      code: 'first-steps-only',
      severity: 'info',
      message:
        'no step has a time but the first ones, which compile and warm up; the mean step time is theirs',
    });
  return findings;
}

/** What a reader must know of the work that the training logs report. */
export function progressFindings(
  progress: ProgressEvaluation,
  steps: Steps | null,
  noUtilization: string | null,
): Finding[] {
  return [
    ...restartFindings(progress),
    ...(steps ? stepFindings(steps) : []),
    ...loggedFindings(progress),
    ...utilizationFindings(progress, noUtilization),
  ];
}
