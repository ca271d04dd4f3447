import { emitStep, isFault, type LogFields, NEMO, readFields } from '../log-fields.ts';
import { collectedStamp, forEachLogLine } from '../log-lines.ts';
import { progressRecord } from '../progress.ts';
import { startTimeMs, type TimeReader, timeReaderFor } from '../time.ts';
import type { Format, ReadContext, RecordSink } from './format.ts';
import { hasMllog } from './mllog.ts';

/** A progress bar of training: epoch, batch, batches, elapsed, and what stands behind the time that is left. */
const BAR =
  /\bEpoch (\d+):(?: *:)? *(?:\d+%)?\|[^|]*\| *(\d+)\/(\d+|\?) \[(?:(\d+):)?(\d\d):(\d\d)<[^,\]]{0,99}(?:,([^\]]{0,4000}))?\]/g;
/** A line of NeMo 2 where it draws no bar. */
const LINE = /\bTraining epoch \d+, iteration \d+\/\d+:? \|(.*)$/;
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

/** What is known of a line beside its fields. */
interface Around {
  /** The step from the bar, where the one of the line may be rounded. */
  readonly exactStep: (step: number) => number | null;
  /** Whether consumed_samples is the total at the line's step. */
  readonly isTotal: (fields: LogFields) => boolean;
  readonly timeMs: number | null;
}

class NemoReader {
  private readonly sink: RecordSink;
  private readonly times: TimeReader;
  /** Start of the bar in ms; null where the rule says none, or where the bar began anew. */
  private startMs: number | null;
  private elapsedMs = 0;
  private lastStep = 0;
  private batchSize: number | null = null;

  constructor(context: ReadContext, sink: RecordSink) {
    this.sink = sink;
    this.times = timeReaderFor(context);
    this.startMs = context.rule.startTime === undefined ? null : startTimeMs(context);
  }

  text(text: string, line: number): void {
    const plain = LINE.exec(text);
    if (plain) this.line(plain[1] as string, line, text);
    for (const bar of text.matchAll(BAR)) this.bar(bar, line);
  }

  /** A line of several steps gives the mean of all that its fields were, of consumed_samples as well. */
  private line(rest: string, line: number, raw: string): void {
    const stamp = collectedStamp(raw);
    const timeMs = stamp === null ? null : this.times.read(stamp);
    this.take([...pairsOf(rest, '|', ':')], line, raw, {
      exactStep: () => null,
      isTotal: ({ step, samples, batchSize }) =>
        step === undefined ||
        step === this.lastStep ||
        (samples !== undefined && samples === (step + 1) * (batchSize ?? Number.NaN)),
      timeMs: typeof timeMs === 'number' ? timeMs : null,
    });
  }

  private bar(match: RegExpMatchArray, line: number): void {
    const [raw, epoch, batch, batches, hours = '0', minutes, seconds, rest = ''] = match;
    const pairs = [...pairsOf(rest, ',', '=')];
    if (pairs.length === 0) return;
    // Where the length of an epoch is not known, only its first says how many steps were done.
    const before = Number(epoch) === 0 ? 0 : Number(epoch) * Number(batches);
    const counted = before + Number(batch);
    const elapsedMs = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
    this.take(pairs, line, raw, {
      exactStep: (step) => (isNear(counted, step) ? counted : null),
      isTotal: () => true,
      timeMs: this.time(elapsedMs),
    });
  }

  private take(
    pairs: readonly (readonly [string, string])[],
    line: number,
    raw: string,
    around: Around,
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
    if (exact.length < pairs.length) this.noteRounding();
    if (fields.samples !== undefined && !around.isTotal(fields)) {
      this.noteMean();
      const { samples: _, ...others } = fields;
      this.give(others, around);
    } else this.give(fields, around);
  }

  private give(fields: LogFields, { exactStep, timeMs }: Around): void {
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
  private time(elapsedMs: number): number | null {
    if (this.startMs === null) return null;
    if (elapsedMs < this.elapsedMs) this.startMs = null;
    this.elapsedMs = elapsedMs;
    return this.startMs === null ? null : this.startMs + elapsedMs;
  }

  private noteMean(): void {
    this.sink.note({
      code: 'averaged-samples',
      severity: 'info',
      message:
        'lines that report several steps each give the mean of consumed_samples, which is not read; steps times globalBatchSize of run.json count',
    });
  }

  private noteRounding(): void {
    this.sink.note({
      code: 'rounded-samples',
      severity: 'info',
      message:
        'consumed_samples has three digits only once it is large, and is then not read; steps times globalBatchSize of run.json count',
    });
  }
}

const isNear = (counted: number, step: number): boolean =>
  Math.abs(counted - step) <= Math.max(1, step * ROUNDING);

/**
 * Logs of NeMo on PyTorch Lightning: progress bars drawn over one another, or lines of one or several steps. They
 * carry no time but that since the bar began, and what a collector of logs put before a line. Numbers in a bar have
 * three significant digits once they are large.
 * Source: NVIDIA/NeMo, nemo/lightning/pytorch/callbacks/progress_printer.py.
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
