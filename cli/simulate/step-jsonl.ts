import { Loss } from './loss.ts';
import type { RunPlan } from './plan-run.ts';
import type { PilotSpec } from './spec.ts';
import { stepsOf } from './training.ts';

/** Progress as Wattline's own JSON lines. A restart shows in steps that fall back. */
export function stepJsonl(spec: PilotSpec, { run, training }: RunPlan): string {
  const { globalBatchSize, sequenceLength } = run.workload;
  const loss = new Loss(spec, run);
  const lines: object[] = [{ time_unix_ms: training.startMs, event: 'run-start' }];
  for (const { step, timeMs } of stepsOf(training)) {
    const samples = step * globalBatchSize;
    const tokens = samples * sequenceLength;
    lines.push({
      time_unix_ms: timeMs,
      event: 'step',
      step,
      samples,
      tokens,
      loss: Number(loss.next(tokens).toFixed(6)),
    });
  }
  lines.push({ time_unix_ms: training.stopMs, event: 'run-stop', text: 'success' });
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}
