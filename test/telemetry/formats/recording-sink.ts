import type {
  Format,
  Note,
  RecordSink,
  Reject,
  ScopeFacts,
} from '../../../functions/core/telemetry/formats/format.ts';
import type { FileRule } from '../../../functions/core/telemetry/manifest.ts';
import type { ProgressRecord } from '../../../functions/core/telemetry/progress.ts';
import { FIELDS } from '../../../functions/core/telemetry/sample.ts';

/** Keeps every call, in order. */
export class RecordingSink implements RecordSink {
  readonly calls: unknown[] = [];
  readonly samples: { scope: string; timeMs: number; values: Record<string, number> }[] = [];
  readonly progressed: ProgressRecord[] = [];
  readonly rejects: Reject[] = [];
  readonly notes: Note[] = [];
  readonly facts: Record<string, Partial<ScopeFacts>> = {};
  rows = 0;
  private readonly ids: string[] = [];

  scope(id: string, kind: ScopeFacts['kind']): number {
    if (!this.ids.includes(id)) {
      this.ids.push(id);
      this.facts[id] = { kind };
    }
    return this.ids.indexOf(id);
  }
  state(scope: number, facts: Partial<ScopeFacts>): void {
    const id = this.ids[scope] as string;
    this.facts[id] = { ...this.facts[id], ...facts };
    this.calls.push(['state', id, facts]);
  }
  sample(scope: number, timeMs: number, values: Float64Array): void {
    const known = Object.fromEntries(
      FIELDS.map((f, i) => [f, values[i] as number]).filter(([, v]) => !Number.isNaN(v)),
    );
    this.samples.push({ scope: this.ids[scope] as string, timeMs, values: known });
    this.calls.push(['sample', this.ids[scope], timeMs, known]);
  }
  logStart(scope: number, timeMs: number): void {
    this.calls.push(['start', this.ids[scope], timeMs]);
  }
  logStop(scope: number, timeMs: number): void {
    this.calls.push(['stop', this.ids[scope], timeMs]);
  }
  estimate(scope: number, timeMs: number, powerW: number): void {
    this.calls.push(['estimate', this.ids[scope], timeMs, powerW]);
  }
  progress(record: ProgressRecord): void {
    this.progressed.push(record);
    this.calls.push(['progress', record]);
  }
  row(): void {
    this.rows += 1;
  }
  note(note: Note): void {
    this.notes.push(note);
    this.calls.push(['note', note]);
  }
  reject(reject: Reject): void {
    this.rejects.push(reject);
    this.calls.push(['reject', reject]);
  }
}

async function* chunked(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

export async function readText(
  format: Format,
  text: string | Uint8Array,
  options: { path?: string; rule?: Omit<FileRule, 'pattern'>; chunk?: number } = {},
): Promise<RecordingSink> {
  const sink = new RecordingSink();
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  await format.read(
    chunked(bytes, options.chunk ?? 65_536),
    { path: options.path ?? 'file.txt', rule: options.rule ?? {} },
    sink,
  );
  return sink;
}
