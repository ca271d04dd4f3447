import type { Log } from '../platform/log.ts';
import { Metrics } from '../platform/metrics.ts';
import { type DecideDependencies, decide } from './decide.ts';

export interface NightRequest {
  readonly program: string;
  /** Day of the decision, UTC. */
  readonly date: string;
}

/** Decides one program for one night, and says what came of it. */
export async function handleNight(
  request: NightRequest,
  dependencies: DecideDependencies & { readonly log: Log; readonly now: () => number },
): Promise<{ verdict: string; isChanged: boolean }> {
  const metrics = new Metrics('decide');
  const { decision, isChanged } = await decide(dependencies, request);
  metrics.count('DecisionsMade');
  if (isChanged) metrics.count('VerdictsChanged');
  dependencies.log.info('decide', { ...request, verdict: decision.verdict, isChanged });
  dependencies.log.line(metrics.line(dependencies.now(), { program: request.program }));
  return { verdict: decision.verdict, isChanged };
}
