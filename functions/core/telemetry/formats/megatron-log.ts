import type { Fault } from '../cell.ts';
import { emitStep, isFault, MEGATRON, readFields } from '../log-fields.ts';
import { collectedStamp, forEachLogLine, type LogLine, primusHead } from '../log-lines.ts';
import { LOADED_CHECKPOINT, progressRecord, WEAK_MARKER } from '../progress.ts';
import { expectedTime, refuseUntimed, type TimeReader, timeReaderFor } from '../time.ts';
import type { TimeError } from '../time-zone.ts';
import type { Format, ReadContext, RecordSink } from './format.ts';
import { hasMllog } from './mllog.ts';

const STEP = /\biteration:? +(\d+) *\/ *(?:\d+|infinity) *\|/;
/** A field that only lines of work done have, also where the line is cut before it. */
const STEP_FIELD = /\| (?:consumed samples|elapsed time per iteration ?\(m?s\)):/;
/** How a line goes on that was cut right behind a field. */
const NEXT_FIELD = /^ ?[a-z][^|:]*: [^|]*\|/;
const BUILD = /\busing world size: \d+, data-parallel[- ]size: \d+/;
const MARKER =
  /\[(before the start of training step|after training is done)\] datetime: (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)/;
const CHECKPOINT = /successfully loaded checkpoint from .* at iteration (\d+)/;
/** A field of the first builds, which put no colon between its name and its number. */
const COLONLESS = /^(.*[a-z]) +([+-]?\d[\d.]*(?:E[+-]?\d+)?|nan|inf)$/i;
const STAMP_LENGTH_LIMIT = 40;
const CUT: Fault = { column: null, reason: 'cut-line', expected: 'a whole line, from iteration on' };

/** The time in brackets that stands right before `iteration`, else the one that the line begins with; else null. */
function stampIn(line: string): string | null {
  const step = STEP.exec(line);
  const text = line.slice(0, step?.index ?? 0).trimEnd();
  const open = text.lastIndexOf('[');
  if (text.endsWith(']') && open >= 0 && text.length - open <= STAMP_LENGTH_LIMIT) {
    const stamp = text.slice(open + 1, -1);
    if (/^\d{4}-\d\d-\d\d/.test(stamp)) return stamp;
  }
  return primusHead(text)?.stamp ?? collectedStamp(line);
}

/** Names and texts of the fields of a line. What no bar closes may have been cut off in the middle of a number. */
function* fieldsOf(rest: string): Generator<[string, string]> {
  for (const part of rest.split('|').slice(0, -1)) {
    const colon = part.lastIndexOf(':');
    const [, name, number] = colon > 0 ? [] : (COLONLESS.exec(part.trim()) ?? []);
    if (colon > 0) yield [part.slice(0, colon).trim(), part.slice(colon + 1).trim()];
    else if (name !== undefined && number !== undefined) yield [name, number];
  }
}

const isWhole = (text: string): boolean => text.trimEnd().endsWith('|');

/** Whether a launcher that labels lines cut one line of work done into these two. */
function areHalves(first: string, second: string): boolean {
  const joined = first + second;
  if (!STEP.test(joined)) return false;
  if (STEP.test(first)) return !STEP.test(second) && (!isWhole(first) || NEXT_FIELD.test(second));
  return !STEP.test(second) || (stampIn(second) === null && stampIn(joined) !== null);
}

class MegatronReader {
  private readonly context: ReadContext;
  private readonly sink: RecordSink;
  private readonly times: TimeReader;
  private skippedSteps: number | null = null;
  private batchSize: number | null = null;
  private hasStarted = false;
  /** A labelled line that may be the first half of one. */
  private held: LogLine | null = null;

  constructor(context: ReadContext, sink: RecordSink) {
    this.context = context;
    this.sink = sink;
    this.times = timeReaderFor(context);
  }

  line(line: LogLine): void {
    const { held } = this;
    this.held = null;
    if (held && held.label === line.label && areHalves(held.text, line.text))
      this.take({ ...held, text: held.text + line.text });
    else {
      if (held) this.read(held);
      this.take(line);
    }
  }

  end(): void {
    if (this.held) this.read(this.held);
  }

  private take(line: LogLine): void {
    if (line.label !== null && (STEP.test(line.text) || !isWhole(line.text))) this.held = line;
    else this.read(line);
  }

  private read({ text, number }: LogLine): void {
    const step = STEP.exec(text);
    if (step) this.step(text, step, number);
    else if (STEP_FIELD.test(text)) this.reject(text, number, CUT);
    else this.remark(text);
  }

  private step(text: string, match: RegExpExecArray, line: number): void {
    const fields = readFields(
      [['iteration', match[1] as string], ...fieldsOf(text.slice(match.index + match[0].length))],
      MEGATRON,
    );
    const timeMs = this.time(stampIn(text));
    if (isFault(fields)) this.reject(text, line, fields);
    else if (fields.stepMs === undefined && fields.samples === undefined)
      this.reject(text, line, { ...CUT, expected: 'samples or a time per iteration, closed by |' });
    else if (typeof timeMs === 'string') {
      const expected = expectedTime(timeMs, 'iso', this.context.rule.timeZone);
      this.reject(text, line, { column: 'time', reason: timeMs, expected });
    } else {
      this.sink.row();
      this.count(fields.batchSize, fields.skipped, fields.nan);
      emitStep(this.sink, fields, { timeMs, skippedSteps: this.skippedSteps });
    }
  }

  private time(stamp: string | null): number | null | TimeError {
    if (stamp === null) return null;
    const timeMs = this.times.read(stamp);
    if (typeof timeMs === 'string') refuseUntimed(timeMs, this.context.path, stamp);
    return timeMs;
  }

  /** Counts what the log counts anew from one of its lines to the next. */
  private count(batchSize: number | undefined, skipped: number | undefined, nan: number | undefined): void {
    if (skipped !== undefined) this.skippedSteps = (this.skippedSteps ?? 0) + skipped;
    if (nan)
      this.sink.note({ code: 'nan-steps', severity: 'warning', message: 'the loss of iterations was NaN' });
    if (batchSize === undefined || batchSize === this.batchSize) return;
    this.batchSize = batchSize;
    this.sink.progress(progressRecord({ kind: 'fact', key: 'global_batch_size', value: batchSize }));
  }

  /** Prose that says when the training began or ended, or where it went on from. */
  private remark(text: string): void {
    const checkpoint = CHECKPOINT.exec(text);
    if (checkpoint)
      this.sink.progress(
        progressRecord({ kind: 'fact', key: LOADED_CHECKPOINT, value: Number(checkpoint[1]) }),
      );
    const [, event, stamp = ''] = MARKER.exec(text) ?? [];
    if (event === undefined) return;
    const isStart = event.startsWith('before');
    const timeMs = this.times.read(stamp);
    if (typeof timeMs === 'string')
      this.sink.note({
        code: timeMs,
        severity: 'info',
        message: `the run's ${isStart ? 'start' : 'stop'} ${stamp} is not taken; expected ${expectedTime(timeMs, 'iso', this.context.rule.timeZone)}, or a timeZone for the file in run.json`,
      });
    else if (!isStart || !this.hasStarted) {
      this.hasStarted ||= isStart;
      this.sink.progress(
        progressRecord({ kind: isStart ? 'run-start' : 'run-stop', timeMs, key: WEAK_MARKER }),
      );
    }
  }

  private reject(raw: string, line: number, fault: Fault): void {
    this.sink.row();
    this.sink.reject({ line, ...fault, raw });
  }
}

/**
 * Logs of Megatron-LM and its forks. Elapsed time is a mean over the log interval; skipped iterations count samples.
 * Source: NVIDIA/Megatron-LM, megatron/training/training.py, training_log.
 */
export const megatronLog: Format = {
  id: 'megatron-log',
  title: 'Megatron-LM training log',
  sniff: (head) =>
    !hasMllog(head) && (BUILD.test(head) || (STEP.test(head) && head.includes('elapsed time per iteration'))),
  async read(chunks, context, sink) {
    const reader = new MegatronReader(context, sink);
    await forEachLogLine(chunks, context.path, (line) => reader.line(line));
    reader.end();
  },
};
