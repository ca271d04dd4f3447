import { join } from 'node:path';
import { EvaluationSchema } from '../../functions/core/efficiency/evaluation.ts';
import { WattlineError } from '../../functions/core/errors.ts';
import { handleNight } from '../../functions/decide/decide-night.ts';
import { handleRunRequest } from '../../functions/evaluate/evaluate-queue.ts';
import { currentManifest, parseLandingKey, readJson } from '../../functions/platform/landing.ts';
import { readLatest } from '../../functions/platform/latest.ts';
import {
  evaluationPrefix,
  LATEST,
  programReportPrefix,
  runReportPrefix,
} from '../../functions/platform/layout.ts';
import type { Log } from '../../functions/platform/log.ts';
import { requeueMessage } from '../../functions/platform/s3-events.ts';
import { reconcile } from '../../functions/reconcile/reconcile.ts';
import { directoryStores, Pipeline, type Stores } from '../pipeline.ts';
import type { Tell } from './events.ts';
import { keeperLog } from './keeper-log.ts';

const DAY_LENGTH = 10;
const LOCAL_ACCOUNT = '000000000000';

interface Place {
  readonly program: string;
  readonly run: string;
}

/** Keeps receipts, evaluations, decisions and reports of a store current, and tells what it does. */
export class Keeper {
  private readonly store: string;
  private readonly pipeline: Pipeline;
  private readonly log: Log;
  private readonly tell: Tell;
  /** Start of each evaluated run, ms since the epoch, by program. */
  private readonly starts = new Map<string, Map<string, number>>();
  /** Runs that were evaluated and not told of yet. */
  private readonly evaluated: Place[] = [];
  /** Programs whose verdict may be another one now. */
  private readonly touched = new Set<string>();

  constructor(store: string, tell: Tell, verbose: (line: string) => void) {
    this.store = store;
    this.tell = tell;
    this.log = keeperLog(tell, verbose, (place) => void this.evaluated.push(place));
    this.pipeline = new Pipeline(directoryStores(store), this.log);
  }

  /** Where files are put; the pipeline hears of each. */
  get landing(): Stores['landing'] {
    return this.pipeline.stores.landing;
  }

  /** Puts right what a watch that was cut off left undone, and reads what is known. */
  async begin(): Promise<void> {
    const { landing, lake } = this.pipeline.stores;
    const requeue = async (o: { bucket: string; key: string; version: string }): Promise<void> => {
      this.pipeline.pending = [...this.pipeline.pending, requeueMessage(o.bucket, o.key, o.version)];
    };
    const { runs, programs } = await reconcile({ landing, lake, requeue }, null);
    for (const place of runs) await this.evaluate(place);
    for await (const { key } of lake.list('evaluations/')) {
      const [, program, run] = /^evaluations\/program=([^/]+)\/run=([^/]+)\/latest\.json$/.exec(key) ?? [];
      if (program && run) await this.readStart({ program, run });
    }
    for (const { program } of programs) this.touched.add(program);
  }

  /** A file of a program came or changed. */
  touch(key: string): void {
    const [program = ''] = key.split('/');
    if (key.split('/').length > 1) this.touched.add(program);
  }

  async remove(key: string): Promise<void> {
    await this.landing.delete(key);
    this.touch(key);
    const place = placeOf(key);
    if (!place) return;
    if (await currentManifest(this.landing, place)) await this.evaluate(place);
    else await this.forget(place);
  }

  /** Works off what is queued, and decides every program that it could change. */
  async work(): Promise<void> {
    await this.pipeline.drain();
    for (const place of this.evaluated.splice(0)) await this.tellOf(place);
    const failed = this.pipeline.deadLetters.splice(0).length;
    if (failed > 0)
      this.tell({
        event: 'problem',
        about: 'queue',
        reason: `${failed} messages could not be worked off; start again with --verbose to see why`,
      });
    for (const program of [...this.touched].sort()) {
      this.touched.delete(program);
      await this.decide(program);
    }
  }

  private get dependencies() {
    return {
      ...this.pipeline.stores,
      accountId: LOCAL_ACCOUNT,
      log: this.log,
      now: () => 0,
      announce: async () => {},
    };
  }

  private async evaluate(place: Place): Promise<void> {
    const { kind } = await handleRunRequest(place, this.dependencies);
    if (kind === 'published') this.evaluated.push(place);
  }

  private async tellOf(place: Place): Promise<void> {
    const report = join(this.store, 'reports', `${runReportPrefix(place.program, place.run)}report.html`);
    this.tell({ event: 'run', ...place, report });
    this.touched.add(place.program);
    await this.readStart(place);
  }

  /** A run without run.json is no run of the program any more: its evaluation no longer stands. */
  private async forget({ program, run }: Place): Promise<void> {
    await this.pipeline.stores.lake.delete(`${evaluationPrefix(program, run)}${LATEST}`);
    this.starts.get(program)?.delete(run);
  }

  private async readStart({ program, run }: Place): Promise<void> {
    const { lake } = this.pipeline.stores;
    const latest = await readLatest(lake, evaluationPrefix(program, run));
    const evaluation = latest && (await readJson(lake, latest.key, EvaluationSchema));
    if (!evaluation) return;
    const runs = this.starts.get(program) ?? new Map<string, number>();
    this.starts.set(program, runs.set(run, evaluation.startMs));
  }

  /** For the day on which its last run began. */
  private async decide(program: string): Promise<void> {
    const starts = [...(this.starts.get(program)?.values() ?? [])];
    if (starts.length === 0) return;
    const night = new Date(starts.reduce((a, b) => Math.max(a, b))).toISOString().slice(0, DAY_LENGTH);
    try {
      const { verdict } = await handleNight({ program, date: night }, this.dependencies);
      const report = join(this.store, 'reports', `${programReportPrefix(program, night)}report.html`);
      this.tell({ event: 'decision', program, night, verdict, report });
    } catch (error) {
      if (!(error instanceof WattlineError)) throw error;
      this.tell({ event: 'problem', about: program, reason: `not decided: ${error.message}` });
    }
  }
}

/** Bad keys are told of where they are ingested. */
function placeOf(key: string): Place | null {
  try {
    return parseLandingKey(key);
  } catch {
    return null;
  }
}
