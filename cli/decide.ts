import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EvaluationSchema } from '../functions/core/efficiency/evaluation.ts';
import { InputError } from '../functions/core/errors.ts';
import { parseLandingKey, readJson } from '../functions/platform/landing.ts';
import { readLatest } from '../functions/platform/latest.ts';
import { evaluationPrefix, programReportPrefix } from '../functions/platform/layout.ts';
import { jsonLog } from '../functions/platform/log.ts';
import { adoptFiles } from './adopt.ts';
import { printDecision } from './compare.ts';
import { directoryStores, Pipeline, type Stores } from './pipeline.ts';
import { sayJson } from './terminal.ts';
import { decisionOf } from './work.ts';
import { WorkProgress } from './work-progress.ts';

export interface DecideOptions {
  readonly program?: string;
  readonly night?: string;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** `wattline decide`: reads what is new in the landing folder of a store, and decides one program for one night. */
export async function decideCommand(store: string, options: DecideOptions): Promise<void> {
  const landing = join(store, 'landing');
  if (!existsSync(landing))
    throw new InputError(
      'folder',
      `${store}: no store; expected a folder with landing/<program>/<run>/... in it`,
    );
  if (options.night !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(options.night))
    throw new InputError('usage', `--night ${JSON.stringify(options.night)}: expected YYYY-MM-DD`);
  const stores = directoryStores(store);
  const progress = new WorkProgress(stores);
  const pipeline = new Pipeline(
    progress.stores,
    jsonLog((line) => (options.verbose ? void process.stderr.write(`${line}\n`) : undefined)),
  );
  await adoptFiles(pipeline.stores.landing, landing);
  await pipeline.drain();
  progress.clear();
  const program = options.program ?? (await onlyProgram(stores));
  const night = options.night ?? (await lastNight(stores, program));
  const decided = await pipeline.night(`${night}T00:00:00Z`, program);
  if (decided.length === 0)
    throw new InputError(
      'program',
      `program ${program}: no run of it has been evaluated; expected runs in ${landing}`,
    );
  const decision = await decisionOf(stores, program, night);
  if (options.json) sayJson(decision);
  else printDecision(decision, join(store, 'reports', `${programReportPrefix(program, night)}report.html`));
}

async function onlyProgram({ landing }: Stores): Promise<string> {
  const programs = new Set<string>();
  for await (const { key } of landing.list('')) {
    const place = parseLandingKey(key);
    if (place) programs.add(place.program);
  }
  const [first] = programs;
  if (programs.size === 1 && first) return first;
  throw new InputError(
    'usage',
    programs.size === 0
      ? 'no run in the landing folder; expected landing/<program>/<run>/run.json and its files'
      : `--program: expected one of ${[...programs].join(', ')}`,
  );
}

/** Day on which the last run began, UTC. */
async function lastNight({ lake }: Stores, program: string): Promise<string> {
  let last = Number.NEGATIVE_INFINITY;
  for await (const { key } of lake.list(`evaluations/program=${program}/`)) {
    const [, run] = /\/run=([^/]+)\/latest\.json$/.exec(key) ?? [];
    const latest = run && (await readLatest(lake, evaluationPrefix(program, run)));
    const evaluation = latest && (await readJson(lake, latest.key, EvaluationSchema));
    if (evaluation) last = Math.max(last, evaluation.startMs);
  }
  if (!Number.isFinite(last))
    throw new InputError(
      'program',
      `program ${program}: no run of it has been evaluated; expected runs in the landing folder`,
    );
  return new Date(last).toISOString().slice(0, 10);
}
