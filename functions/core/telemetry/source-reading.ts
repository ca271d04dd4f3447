import { InputError } from '../errors.ts';
import type { Boundary } from './boundary.ts';
import { ALL_FIELDS } from './fold-layout.ts';
import type { Note, RecordSink, Reject, ScopeFacts, ScopeKind } from './formats/format.ts';
import type { FileRule } from './manifest.ts';
import type { ProgressRecord } from './progress.ts';
import { POWER } from './sample.ts';
import { eachSample, SAMPLE_HEAD, scopeAt } from './samples.ts';
import type { ReadingLog } from './segment.ts';

/** Raw text kept of a rejected row. */
const RAW_LIMIT = 512;
/** Characters kept of a note, which may quote the file. */
const NOTE_LIMIT = 500;
/** Rejects kept in full; further ones are counted. */
const REJECT_LIMIT = 1_000;

/** The largest fleet planned for has a hundred thousand chips; a file with a new id in every row fills the memory. */
const SCOPE_LIMIT = 250_000;
const ID_LIMIT = 512;

/** Everything that one source says of one scope, besides its samples. */
export interface SourceScope extends ScopeFacts {
  readonly id: string;
  readonly samples: number;
  readonly log: ReadingLog | null;
  readonly estimatedPowerW: number | null;
  readonly efficiencyBasis: 'none' | 'declared';
}

interface ScopeState {
  readonly id: string;
  facts: ScopeFacts;
  samples: number;
  estimatedPowerW: number | null;
  startMs: number | null;
  stopMs: number | null;
  first: { timeMs: number; powerW: number } | null;
  /** Any reading of power was above zero. */
  isPowered: boolean;
  /** Time of the reading before; NaN where there is none. */
  previousMs: number;
  rectangleJ: number;
}

/** Where the samples of a source go, in the order of the file. */
export interface SampleTarget {
  /** A scope that samples will come for; scopes come in order from 0. */
  addScope(id: string, kind: ScopeKind): void;
  sample(scope: number, timeMs: number, values: Float64Array, fields: readonly number[]): void;
  /** As `RecordSink.sampleRows`. */
  sampleRows?(numbers: Float64Array, count: number, fields: readonly number[]): void;
}

export type SourceRule = Omit<FileRule, 'pattern'>;

/**
 * The sink that ingest and evaluate hand to a reader: applies what the manifest says of the file (clock offset,
 * boundary, efficiency), and keeps the file-order facts of power logs.
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
  private readonly rule: SourceRule;
  private readonly target: SampleTarget;

  constructor(rule: SourceRule, target: SampleTarget) {
    this.rule = rule;
    this.offsetMs = rule.clockOffsetMs ?? 0;
    this.target = target;
  }

  scope(id: string, kind: ScopeKind): number {
    const known = this.indices.get(id);
    if (known !== undefined) return known;
    const index = this.scopes.length;
    if (index === SCOPE_LIMIT || id.length > ID_LIMIT)
      throw new InputError(
        'scopes',
        `scope ${JSON.stringify(id.slice(0, ID_LIMIT))}: expected at most ${SCOPE_LIMIT} scopes in a file, with ids of at most ${ID_LIMIT} characters`,
      );
    // A copy: an id cut from a chunk of text would keep the whole chunk in memory.
    const ownId = copyOf(id);
    this.indices.set(ownId, index);
    this.scopes.push({
      id: ownId,
      facts: { boundary: null, conversionEfficiency: 1, boundaryAfter: null, kind },
      samples: 0,
      estimatedPowerW: null,
      startMs: null,
      stopMs: null,
      first: null,
      isPowered: false,
      previousMs: Number.NaN,
      rectangleJ: 0,
    });
    this.target.addScope(ownId, kind);
    return index;
  }

  state(scope: number, facts: Partial<ScopeFacts>): void {
    const state = this.at(scope);
    state.facts = { ...state.facts, ...facts };
  }

  sample(scope: number, timeMs: number, values: Float64Array, fields: readonly number[] = ALL_FIELDS): void {
    const state = this.at(scope);
    const time = timeMs + this.offsetMs;
    state.samples += 1;
    const powerW = values[POWER] as number;
    if (powerW > 0) state.isPowered = true;
    if (!Number.isNaN(powerW) && state.stopMs === null) logReading(state, time, powerW);
    this.target.sample(scope, time, values, fields);
  }

  sampleRows(numbers: Float64Array, count: number, fields: readonly number[]): void {
    const { offsetMs, target } = this;
    const stride = SAMPLE_HEAD + fields.length;
    const powerAt = SAMPLE_HEAD + fields.indexOf(POWER);
    for (let at = 0; at < count * stride; at += stride) {
      const state = this.at(scopeAt(numbers, at));
      const timeMs = (numbers[at + 1] as number) + offsetMs;
      numbers[at + 1] = timeMs;
      state.samples += 1;
      const powerW = powerAt < SAMPLE_HEAD ? Number.NaN : (numbers[at + powerAt] as number);
      if (powerW > 0) state.isPowered = true;
      if (!Number.isNaN(powerW) && state.stopMs === null) logReading(state, timeMs, powerW);
    }
    if (target.sampleRows) target.sampleRows(numbers, count, fields);
    else
      eachSample(numbers, count, fields, (scope, timeMs, values) =>
        target.sample(scope, timeMs, values, fields),
      );
  }

  logStart(scope: number, timeMs: number): void {
    const state = this.at(scope);
    state.startMs ??= timeMs + this.offsetMs;
    if (state.first === null) state.previousMs = state.startMs;
  }

  logStop(scope: number, timeMs: number): void {
    this.at(scope).stopMs ??= timeMs + this.offsetMs;
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
    const message = note.message.slice(0, NOTE_LIMIT);
    this.notesByCode.set(
      note.code,
      known ? { ...known, count: known.count + 1 } : { ...note, message, count: 1 },
    );
  }

  get notes(): (Note & { readonly count: number })[] {
    return [...this.notesByCode.values()];
  }

  reject(reject: Reject): void {
    this.rejected += 1;
    if (this.rejects.length < REJECT_LIMIT)
      this.rejects.push({ ...reject, raw: copyOf(reject.raw.slice(0, RAW_LIMIT)) });
  }

  finish(): SourceScope[] {
    for (const state of this.scopes) if (state.first && !state.isPowered) this.notePowerless(state.id);
    return this.scopes.map((state) => ({ id: state.id, ...this.facts(state), ...logOf(state) }));
  }

  /** Scripts write 0 where their meter does not answer; nothing that runs draws nothing. */
  private notePowerless(id: string): void {
    this.note({
      code: 'power-all-zero',
      severity: 'warning',
      message: `every power reading of ${id} is exactly 0: did its collector write 0 for "no reading"?`,
    });
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

/** The MLPerf rule: file order, each reading times its distance to the one before; ends at the stop line. */
function logReading(state: ScopeState, timeMs: number, powerW: number): void {
  state.first ??= { timeMs, powerW };
  const { previousMs } = state;
  if (!Number.isNaN(previousMs)) state.rectangleJ += (powerW * (timeMs - previousMs)) / 1000;
  state.previousMs = timeMs;
}

function logOf(state: ScopeState): Pick<SourceScope, 'samples' | 'log' | 'estimatedPowerW'> {
  const { startMs, stopMs, first, previousMs: lastMs, rectangleJ } = state;
  const log = first ? { startMs, stopMs, first, lastMs, rectangleJ } : null;
  return { samples: state.samples, log, estimatedPowerW: state.estimatedPowerW };
}

/** The same text in memory of its own. */
const copyOf = (text: string): string => Buffer.from(text, 'utf16le').toString('utf16le');
