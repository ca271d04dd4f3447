import type { Log } from '../platform/log.ts';
import { Metrics } from '../platform/metrics.ts';
import { countNight, pilotLines } from '../platform/pilot-metrics.ts';
import { type Announce, announceVerdict } from './announce.ts';
import { type DecideDependencies, decide } from './decide.ts';

export interface NightRequest {
  readonly program: string;
  /** Day of the decision, UTC. */
  readonly date: string;
}

export interface NightDependencies extends DecideDependencies {
  readonly announce: Announce;
  readonly log: Log;
  readonly now: () => number;
}

/** Decides one program for one night, announces a verdict that changed, and says what came of it. */
export async function handleNight(
  request: NightRequest,
  dependencies: NightDependencies,
): Promise<{ verdict: string; isChanged: boolean }> {
  const metrics = new Metrics('decide');
  const beganMs = dependencies.now();
  const { decision, evaluations } = await decide(dependencies, request);
  metrics.count('DecisionsMade');
  const event = await announceVerdict(dependencies, request.program);
  if (event) metrics.count('VerdictsChanged');
  const isChanged = event !== null;
  dependencies.log.info('decide', {
    ...request,
    verdict: decision.verdict,
    isChanged,
    ...(event ? { event: event.id } : {}),
  });
  const endedMs = dependencies.now();
  countNight(metrics, { decision, evaluations }, endedMs);
  metrics.took('WorkDuration', endedMs - beganMs);
  dependencies.log.line(metrics.line(endedMs, { program: request.program }));
  for (const line of pilotLines({ decision, evaluations }, endedMs)) dependencies.log.line(line);
  return { verdict: decision.verdict, isChanged };
}
