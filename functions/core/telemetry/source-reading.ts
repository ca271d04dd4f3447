import type { Boundary } from './boundary.ts';
import type { Note, RecordSink, Reject, ScopeFacts } from './formats/format.ts';
import type { FileRule } from './manifest.ts';
import type { ProgressRecord } from './progress.ts';
import { ReorderBuffer } from './reorder.ts';
import { POWER } from './sample.ts';
import type { ReadingLog } from './segment.ts';

/** Raw text kept of a rejected row. */
const RAW_LIMIT = 512;
/** Rejects kept in full; further ones are counted. */
const REJECT_LIMIT = 1_000;

/** Everything that one source says of one scope, besides its samples. */
export interface SourceScope extends ScopeFacts {
  readonly id: string;
  readonly samples: number;
  readonly log: ReadingLog | null;
  readonly estimatedPowerW: number | null;
  readonly efficiencyBasis: 'none' | 'declared';
}

interface LogState {
  startMs: number | null;
  stopMs: number | null;
  previousMs: number | null;
  first: { timeMs: number; powerW: number } | null;
  lastMs: number;
  rectangleJ: number;
}

interface ScopeState {
  readonly id: string;
  facts: ScopeFacts;
  samples: number;
  estimatedPowerW: number | null;
  log: LogState;
  buffer: ReorderBuffer;
}

/** Where the samples of a source go, scope by scope, in time order. */
export interface SampleTarget {
  sample(scope: string, timeMs: number, values: Float64Array): void;
}

/**
 * The sink that ingest and evaluate hand to a reader: applies what the manifest says of the file (clock offset,
 * boundary, efficiency), puts samples in order, and keeps the file-order facts of power logs.
 */
export class SourceReading implements RecordSink {
  readonly rejects: Reject[] = [];
  readonly records: ProgressRecord[] = [];
  rows = 0;
  rejected = 0;
  private readonly notesByCode = new Map<string, Note & { readonly count: number }>();
  private readonly scopes: ScopeState[] = [];
  private readonly indices = new Map<string, number>();
  private readonly offsetMs: number;
  private readonly rule: Omit<FileRule, 'pattern'>;
  private readonly target: SampleTarget;

  constructor(rule: Omit<FileRule, 'pattern'>, target: SampleTarget) {
    this.rule = rule;
    this.offsetMs = rule.clockOffsetMs ?? 0;
    this.target = target;
  }

  scope(id: string, kind: ScopeFacts['kind']): number {
    const known = this.indices.get(id);
    if (known !== undefined) return known;
    const index = this.scopes.length;
    this.indices.set(id, index);
    this.scopes.push({
      id,
      facts: { boundary: null, conversionEfficiency: 1, boundaryAfter: null, kind },
      samples: 0,
      estimatedPowerW: null,
      log: { startMs: null, stopMs: null, previousMs: null, first: null, lastMs: 0, rectangleJ: 0 },
      buffer: new ReorderBuffer(id, (timeMs, values) => this.target.sample(id, timeMs, values)),
    });
    return index;
  }

  state(scope: number, facts: Partial<ScopeFacts>): void {
    const state = this.at(scope);
    state.facts = { ...state.facts, ...facts };
  }

  sample(scope: number, timeMs: number, values: Float64Array): void {
    const state = this.at(scope);
    const time = timeMs + this.offsetMs;
    state.samples += 1;
    const powerW = values[POWER] as number;
    if (!Number.isNaN(powerW)) this.logReading(state.log, time, powerW);
    state.buffer.sample(time, values);
  }

  /** The MLPerf rule: file order, each reading times its distance to the one before; ends at the stop line. */
  private logReading(log: LogState, timeMs: number, powerW: number): void {
    if (log.stopMs !== null) return;
    log.first ??= { timeMs, powerW };
    const previousMs = log.previousMs ?? log.startMs;
    if (previousMs !== null) log.rectangleJ += (powerW * (timeMs - previousMs)) / 1000;
    log.previousMs = timeMs;
    log.lastMs = timeMs;
  }

  logStart(scope: number, timeMs: number): void {
    this.at(scope).log.startMs ??= timeMs + this.offsetMs;
  }

  logStop(scope: number, timeMs: number): void {
    this.at(scope).log.stopMs ??= timeMs + this.offsetMs;
  }

  estimate(scope: number, _timeMs: number, powerW: number): void {
    this.at(scope).estimatedPowerW ??= powerW;
  }

  progress(record: ProgressRecord): void {
    const { timeMs } = record;
    this.records.push(timeMs === null ? record : { ...record, timeMs: timeMs + this.offsetMs });
  }

  row(): void {
    this.rows += 1;
  }

  note(note: Note): void {
    const known = this.notesByCode.get(note.code);
    this.notesByCode.set(note.code, known ? { ...known, count: known.count + 1 } : { ...note, count: 1 });
  }

  get notes(): (Note & { readonly count: number })[] {
    return [...this.notesByCode.values()];
  }

  reject(reject: Reject): void {
    this.rejected += 1;
    if (this.rejects.length < REJECT_LIMIT)
      this.rejects.push({ ...reject, raw: reject.raw.slice(0, RAW_LIMIT) });
  }

  /** Hands on what is still held back. Call once, after the last row. */
  finish(): SourceScope[] {
    for (const state of this.scopes) state.buffer.flush();
    return this.scopes.map((state) => ({ id: state.id, ...this.facts(state), ...logOf(state) }));
  }

  get steppedBack(): number {
    return this.scopes.reduce((sum, state) => sum + state.buffer.steppedBack, 0);
  }

  /** What the file says, completed by what the manifest says of the file; the manifest wins. */
  private facts(state: ScopeState): ScopeFacts & Pick<SourceScope, 'efficiencyBasis'> {
    const { rule } = this;
    const isSwitch = state.facts.kind === 'switch';
    const conversionEfficiency = rule.conversionEfficiency ?? state.facts.conversionEfficiency;
    const stated: Boundary | null = state.facts.boundary ?? (isSwitch ? 'switch' : null);
    return {
      kind: state.facts.kind,
      boundary: isSwitch ? 'switch' : (rule.boundary ?? stated),
      conversionEfficiency,
      boundaryAfter: isSwitch ? 'switch' : (rule.boundaryAfter ?? state.facts.boundaryAfter),
      efficiencyBasis: conversionEfficiency === 1 ? 'none' : 'declared',
    };
  }

  private at(scope: number): ScopeState {
    return this.scopes[scope] as ScopeState;
  }
}

function logOf(state: ScopeState): Pick<SourceScope, 'samples' | 'log' | 'estimatedPowerW'> {
  const { startMs, stopMs, first, lastMs, rectangleJ } = state.log;
  const log = first ? { startMs, stopMs, first, lastMs, rectangleJ } : null;
  return { samples: state.samples, log, estimatedPowerW: state.estimatedPowerW };
}
