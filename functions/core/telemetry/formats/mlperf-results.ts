import { forEachLine } from '../lines.ts';
import { type ProgressRecord, progressRecord } from '../progress.ts';
import type { Format, RecordSink } from './format.ts';
import { hasMllog, type MllogRecord, mllogParts, numberOf } from './mllog.ts';

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

function progressOf(record: MllogRecord): ProgressRecord | null {
  const { metadata, key, timeMs, value } = record;
  if (key === 'tracked_stats') return throughputOf(record);
  const kind = KINDS[key] ?? (FACTS.has(key) ? 'fact' : null);
  if (!kind) return null;
  const status = kind === 'run-stop' ? metadata.status : kind === 'fact' ? value : null;
  return progressRecord({
    kind,
    timeMs,
    key,
    // An epoch is no step, and what a loss calls its step may be samples: its samples say how far the work was.
    step:
      kind === 'step'
        ? null
        : (numberOf(metadata.epoch_num) ?? numberOf(metadata.epoch) ?? numberOf(metadata.step)),
    samples: kind === 'fact' ? null : numberOf(metadata.samples_count),
    value: numberOf(value),
    text: typeof status === 'string' ? status : null,
  });
}

/** Emits each record once, though every rank prints it. */
class ResultReader {
  private readonly seen = new Set<string>();
  private readonly sink: RecordSink;

  constructor(sink: RecordSink) {
    this.sink = sink;
  }

  record(record: MllogRecord): void {
    const progress = progressOf(record);
    if (!progress) return;
    const identity = JSON.stringify(progress);
    if (this.seen.has(identity)) return;
    this.seen.add(identity);
    this.sink.progress(progress);
  }

  /** Description of the system that some launch scripts print. */
  system(line: string): void {
    let description: Record<string, unknown>;
    try {
      const from = line.indexOf('{', line.indexOf(SYSTEM_MARK));
      description = JSON.parse(line.slice(from, line.lastIndexOf('}') + 1)) as Record<string, unknown>;
    } catch {
      return; // the shell echoes the command with its quotes before the line itself
    }
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
    let systems = 0;
    await forEachLine(chunks, path, (line, number) => {
      const at = line.indexOf(SYSTEM_MARK);
      if (at >= 0 && systems === 0 && !line.startsWith('+')) {
        systems += 1;
        reader.system(line);
      }
      for (const part of mllogParts(line)) {
        sink.row();
        if ('record' in part) reader.record(part.record);
        else
          sink.reject({ line: number, column: null, reason: 'mllog', expected: part.error, raw: part.raw });
      }
    });
  },
};
