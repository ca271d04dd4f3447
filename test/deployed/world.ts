import { type Deployment, physicalOf } from './deployment.ts';
import type { Upload } from './uploads.ts';

/** What the scenarios share: the deployment, what is uploaded, and who listens in. */
export interface World {
  readonly deployment: Deployment;
  readonly queues: { readonly ingest: string; readonly evaluate: string };
  readonly deadLetters: Readonly<Record<string, string>>;
  /** Messages as EventBridge sends them to the two queues. */
  readonly taps: { readonly landing: string; readonly lake: string };
  /** Where subscribers of verdicts hear: of the bus, and of the topic. */
  readonly verdicts: { readonly bus: string; readonly topic: string };
  readonly burst: readonly Upload[];
  readonly published: readonly Upload[];
}

export interface Scenario {
  readonly title: string;
  readonly run: (world: World) => Promise<void>;
}

const QUEUE = 'AWS::SQS::Queue';

export const queuesOf = (deployment: Deployment): World['queues'] => ({
  ingest: physicalOf(deployment, QUEUE, 'WorkersIngestQueue'),
  evaluate: physicalOf(deployment, QUEUE, 'WorkersEvaluateQueue'),
});

/** Queues of what could not be done, by their logical names; all are empty when all is well. */
export const deadLettersOf = (deployment: Deployment): Record<string, string> =>
  Object.fromEntries(
    [
      'WorkersIngestDeadLetters',
      'WorkersEvaluateDeadLetters',
      'WorkersIngestUndelivered',
      'WorkersEvaluateUndelivered',
      'NightlyUndelivered',
      'WeeklyUndelivered',
      'VerdictsUndelivered',
    ].map((name) => [name, physicalOf(deployment, QUEUE, name)]),
  );
