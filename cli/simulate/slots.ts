/** Runs begin at multiples of this after the start of the night. */
export const SLOT_S = 900;
/** Times the nominal length of a run: slow nights and idle time around it. */
const SLACK = 1.5;
/** Restarts that a slot has room for. */
const RESTARTS = 6;
const MARGIN_S = 60;

interface Timed {
  readonly runsPerNight: number;
  readonly workloads: readonly {
    readonly secondsPerRun: number;
    readonly timeRatio: number;
    readonly steps: number;
  }[];
  readonly restarts: { readonly seconds: number; readonly checkpointSteps: number };
  readonly telemetry: { readonly idleS: number; readonly periodMs: number };
}

/** Length of the time that is kept free for one run, in s: both sides train in it at the same time. */
export function slotLengthS({ workloads, restarts, telemetry }: Timed): number {
  const lengths = workloads.map(({ secondsPerRun, timeRatio, steps }) => {
    const runS = secondsPerRun * Math.max(1, timeRatio);
    const lostS = restarts.seconds + (runS / steps) * restarts.checkpointSteps;
    return SLACK * runS + RESTARTS * lostS;
  });
  const aroundS = 2 * telemetry.idleS + (12 * telemetry.periodMs) / 1000 + MARGIN_S;
  return SLOT_S * Math.ceil((Math.max(...lengths) + aroundS) / SLOT_S);
}

export const nightLengthS = (spec: Timed): number =>
  spec.runsPerNight * spec.workloads.length * slotLengthS(spec);
