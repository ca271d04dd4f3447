import { emitStep, isFault, type LogFields, NEMO, readFields } from '../log-fields.ts';
import { forEachLogLine } from '../log-lines.ts';
import { progressRecord } from '../progress.ts';
import { startTimeMs } from '../time.ts';
import type { Format, ReadContext, RecordSink } from './format.ts';
import { hasMllog } from './mllog.ts';

/** A progress bar of training: epoch, batch, batches, elapsed, and what stands behind the time that is left. */
const BAR =
  /\bEpoch (\d+):(?: *:)? *(?:\d+%)?\|[^|]*\| *(\d+)\/(\d+) \[(?:(\d+):)?(\d\d):(\d\d)<[^,\]]{0,99}(?:,([^\]]{0,4000}))?\]/g;
/** A line of NeMo 2 where it draws no bar. */
const LINE = /\bTraining epoch \d+, iteration \d+\/\d+ \|(.*)$/;
/** Three significant digits: a step number read from them may be off by this share. */
const ROUNDING = 0.006;
const EXPONENT = /e/i;

/** Names and texts of `a=1, b=2` and of `a: 1 | b: 2`. */
function* pairsOf(text: string, between: string, equals: string): Generator<[string, string]> {
  for (const part of text.split(between)) {
    const at = part.indexOf(equals);
    if (at > 0) yield [part.slice(0, at).trim(), part.slice(at + 1).trim()];
  }
}

class NemoReader {
  private readonly sink: RecordSink;
  /** Start of the bar in ms; null where the rule says none, or where the bar began anew. */
  private startMs: number | null;
  private elapsedMs = 0;
  private lastStep = 0;
  private batchSize: number | null = null;

  constructor(context: ReadContext, sink: RecordSink) {
    this.sink = sink;
    this.startMs = context.rule.startTime === undefined ? null : startTimeMs(context);
  }

  text(text: string, line: number): void {
    const plain = LINE.exec(text);
    if (plain) this.take([...pairsOf(plain[1] as string, '|', ':')], line, text, () => null);
    for (const bar of text.matchAll(BAR)) this.bar(bar, line);
  }

  private bar(match: RegExpMatchArray, line: number): void {
    const [raw, epoch, batch, batches, hours = '0', minutes, seconds, rest = ''] = match;
    const pairs = [...pairsOf(rest, ',', '=')];
    if (pairs.length === 0) return;
    const counted = Number(epoch) * Number(batches) + Number(batch);
    const elapsedMs = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
    this.take(pairs, line, raw, (step) => (isNear(counted, step) ? counted : null), elapsedMs);
  }

  /** `exactStep` gives the step from the bar, where the one of the line may be rounded. */
  private take(
    pairs: readonly (readonly [string, string])[],
    line: number,
    raw: string,
    exactStep: (step: number) => number | null,
    elapsedMs: number | null = null,
  ): void {
    const exact = pairs.filter(([name, text]) => !(name === 'consumed_samples' && EXPONENT.test(text)));
    const fields = readFields(exact, NEMO);
    if (isFault(fields) || (fields.step === undefined && fields.samples === undefined)) {
      if (isFault(fields)) {
        this.sink.row();
        this.sink.reject({ line, ...fields, raw });
      }
      return;
    }
    if (exact.length < pairs.length) this.noteRounding('consumed_samples');
    this.give(fields, exactStep, this.time(elapsedMs));
  }

  private give(fields: LogFields, exactStep: (step: number) => number | null, timeMs: number | null): void {
    const { batchSize } = fields;
    // global_step is the number of the step from 0 on, so that one more are done.
    const logged = fields.step === undefined ? null : fields.step + 1;
    const step = logged === null ? null : (exactStep(logged) ?? logged);
    if (step !== null && step === this.lastStep) return;
    this.lastStep = step ?? this.lastStep;
    this.sink.row();
    if (batchSize !== undefined && batchSize !== this.batchSize) {
      this.batchSize = batchSize;
      this.sink.progress(progressRecord({ kind: 'fact', key: 'global_batch_size', value: batchSize }));
    }
    const { step: _, ...others } = fields;
    emitStep(this.sink, step === null ? others : { ...others, step }, { timeMs });
  }

  /** The bar of each epoch begins at nought; how long the pause between two was is not said. */
  private time(elapsedMs: number | null): number | null {
    if (elapsedMs === null || this.startMs === null) return null;
    if (elapsedMs < this.elapsedMs) this.startMs = null;
    this.elapsedMs = elapsedMs;
    return this.startMs === null ? null : this.startMs + elapsedMs;
  }

  private noteRounding(name: string): void {
    this.sink.note({
      code: 'rounded-samples',
      severity: 'info',
      message: `${name} has three digits only once it is large, and is then not read; steps times globalBatchSize of run.json count`,
    });
  }
}

const isNear = (counted: number, step: number): boolean =>
  Math.abs(counted - step) <= Math.max(1, step * ROUNDING);

/**
 * Logs of NeMo on PyTorch Lightning: progress bars drawn over one another, or a line a step. They carry no time but
 * that since the bar began. Numbers in a bar have three significant digits once they are large.
 */
export const nemoLog: Format = {
  id: 'nemo-log',
  title: 'NeMo training log',
  sniff: (head) =>
    !hasMllog(head) &&
    /\b(?:global_step|consumed_samples)[=:]/.test(head) &&
    (head.search(BAR) >= 0 || head.split('\n').some((line) => LINE.test(line))),
  async read(chunks, context, sink) {
    const reader = new NemoReader(context, sink);
    await forEachLogLine(chunks, context.path, ({ text, number }) => reader.text(text, number));
  },
};
