import { type ProgressRecord, progressRecord } from '../progress.ts';
import type { Format, RecordSink } from './format.ts';
import { hasMllog, type MllogRecord, numberOf } from './mllog.ts';
import { forEachMllogLine } from './mllog-lines.ts';

const SYSTEM_MARK = ':::SYSJSON';

/** What the log says of the run itself, kept as facts. */
const FACTS = new Set([
  'submission_benchmark',
  'submission_org',
  'submission_division',
  'submission_platform',
  'submission_status',
  'global_batch_size',
  'gradient_accumulation_steps',
  'max_sequence_length',
  'train_samples',
  'eval_samples',
  'seed',
  'quality_target',
  'target_accuracy',
]);
const SYSTEM_FACTS = ['number_of_nodes', 'accelerators_per_node', 'accelerator_model_name', 'system_name'];
const KINDS: Record<string, ProgressRecord['kind']> = {
  run_start: 'run-start',
  run_stop: 'run-stop',
  eval_accuracy: 'evaluation',
  train_loss: 'step',
};

/** Samples per second as the submitter's code measures them, kept only to be compared. */
function throughputOf({ timeMs, value }: MllogRecord): ProgressRecord | null {
  const throughput = numberOf((value as { readonly throughput?: unknown } | null)?.throughput);
  if (throughput === null) return null;
  return progressRecord({ kind: 'fact', timeMs, key: 'throughput_samples_per_second', value: throughput });
}

/** 3D U-Net stops at this epoch at the latest; a higher "epoch" counts samples, as logs of round v4.0 do. */
const UNET3D_EPOCHS = 10_000;

/** What `epoch_num` counts in logs of a benchmark; null where it is an epoch. Source: RCPs of mlcommons/logging. */
function unitOfEpoch(benchmark: string | null, epoch: number): 'samples' | 'tokens' | null {
  if (benchmark === 'gpt3') return 'tokens';
  if (benchmark === 'bert') return 'samples';
  return benchmark === 'unet3d' && epoch > UNET3D_EPOCHS ? 'samples' : null;
}

/** What the log said so far that later records are read by. */
interface Said {
  benchmark: string | null;
  sequenceLength: number | null;
}

/** Work that a record reports, as the counts that they are. */
function workOf(
  { metadata }: MllogRecord,
  { benchmark, sequenceLength }: Said,
): Pick<ProgressRecord, 'step' | 'samples' | 'tokens'> {
  const epoch = numberOf(metadata.epoch_num) ?? numberOf(metadata.epoch);
  const samples = numberOf(metadata.samples_count);
  const unit = epoch === null ? null : unitOfEpoch(benchmark, epoch);
  if (epoch === null || unit === null) return { step: epoch, samples, tokens: null };
  if (unit === 'samples') return { step: null, samples: samples ?? epoch, tokens: null };
  const packed = sequenceLength === null ? null : epoch / sequenceLength;
  return { step: null, samples: samples ?? packed, tokens: epoch };
}

function progressOf(record: MllogRecord, said: Said): ProgressRecord | null {
  const { metadata, key, timeMs, value } = record;
  if (key === 'tracked_stats') return throughputOf(record);
  const kind = KINDS[key] ?? (FACTS.has(key) ? 'fact' : null);
  if (!kind) return null;
  const status = kind === 'run-stop' ? metadata.status : kind === 'fact' ? value : null;
  return progressRecord({
    kind,
    timeMs,
    key,
    ...(kind === 'fact' ? {} : workOf(record, said)),
    // An epoch is no step, and what a loss calls its step may be samples: its samples say how far the work was.
    ...(kind === 'step' ? { step: null } : {}),
    value: numberOf(value),
    text: typeof status === 'string' ? status : null,
  });
}

/** Emits each record once, though every rank prints it. */
class ResultReader {
  private readonly seen = new Set<string>();
  private readonly said: Said = { benchmark: null, sequenceLength: null };
  private isDescribed = false;
  private readonly sink: RecordSink;

  constructor(sink: RecordSink) {
    this.sink = sink;
  }

  record(record: MllogRecord): void {
    if (record.key === 'submission_benchmark' && typeof record.value === 'string')
      this.said.benchmark = record.value;
    if (record.key === 'max_sequence_length') this.said.sequenceLength = numberOf(record.value) || null;
    const progress = progressOf(record, this.said);
    if (!progress) return;
    const identity = JSON.stringify(progress);
    if (this.seen.has(identity)) return;
    this.seen.add(identity);
    this.sink.progress(progress);
  }

  /** Description of the system that some launch scripts print; the first one that can be read. */
  system(line: string): void {
    if (this.isDescribed) return;
    let description: Record<string, unknown>;
    try {
      const from = line.indexOf('{', line.indexOf(SYSTEM_MARK));
      description = JSON.parse(line.slice(from, line.lastIndexOf('}') + 1)) as Record<string, unknown>;
    } catch {
      return; // the shell echoes the command with its quotes before the line itself
    }
    this.isDescribed = true;
    for (const key of SYSTEM_FACTS) {
      const text = description[key];
      if (typeof text !== 'string' || text === '') continue;
      this.sink.progress(progressRecord({ kind: 'fact', key, value: numberOf(text), text }));
    }
  }
}

/** Result logs of MLPerf Training, as progress. Source: mlcommons/logging, mllog format. */
export const mlperfResults: Format = {
  id: 'mlperf-training-results',
  title: 'MLPerf Training results (result_N.txt)',
  sniff: (head, path) => {
    if (
      head.includes('mlperf::logging') ||
      head.includes('"power_reading"') ||
      head.includes('"interconnect_power_est"') ||
      head.includes('"power_measurement_start"')
    )
      return false;
    return hasMllog(head) || /(^|\/)result_[^/]*\.(txt|log)$/.test(path);
  },
  async read(chunks, { path }, sink) {
    const reader = new ResultReader(sink);
    await forEachMllogLine(chunks, path, (parts, number, line) => {
      if (line.includes(SYSTEM_MARK)) reader.system(line);
      for (const part of parts) {
        sink.row();
        if ('record' in part) reader.record(part.record);
        else
          sink.reject({ line: number, column: null, reason: 'mllog', expected: part.error, raw: part.raw });
      }
    });
  },
};
