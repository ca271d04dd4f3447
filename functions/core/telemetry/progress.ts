/**
 * One line of work done, from a training log. `samples` and `tokens` are totals since run start.
 * `fact` rows carry what the log says of the run itself (`key` and `text`/`value`): benchmark, batch size, ...
 */
export interface ProgressRecord {
  readonly kind: 'run-start' | 'run-stop' | 'step' | 'evaluation' | 'fact';
  readonly timeMs: number;
  readonly key: string | null;
  readonly step: number | null;
  readonly samples: number | null;
  readonly tokens: number | null;
  readonly value: number | null;
  readonly text: string | null;
}
