import { expect, test } from 'vitest';
import type { RunManifest } from '../../functions/core/telemetry/manifest.ts';
import { type ProgressRecord, progressRecord } from '../../functions/core/telemetry/progress.ts';
import { foldRun } from '../../functions/core/telemetry/progress-fold.ts';
import { runInterval } from '../../functions/platform/run-inputs.ts';

const HOUR_MS = 3_600_000;
const AT_MS = Date.UTC(2026, 0, 1);
const marks = (from: number, to: number, key: string | null): ProgressRecord[] => [
  progressRecord({ kind: 'run-start', timeMs: AT_MS + from * HOUR_MS, key }),
  progressRecord({ kind: 'run-stop', timeMs: AT_MS + to * HOUR_MS, key }),
];
const onPurpose = marks(2, 3, 'run_start');
const inPassing = marks(0, 5, 'process_time');
const declared: Partial<RunManifest> = { start: '2026-01-01T01:00:00Z', stop: '2026-01-01T04:00:00Z' };

test.each<[string, ProgressRecord[], Partial<RunManifest>, [number, number]]>([
  ['the marks of a log', [...inPassing, ...onPurpose], declared, [2, 3]],
  ['what run.json declares', inPassing, declared, [1, 4]],
  ['the times of the process', inPassing, {}, [0, 5]],
  ['of several starts of the process the first', [...inPassing, ...marks(6, 7, 'process_time')], {}, [0, 7]],
])('the run is by %s', (_name, records, manifest, [from, to]) => {
  expect(runInterval(manifest as RunManifest, foldRun(records))).toMatchObject({
    startMs: AT_MS + from * HOUR_MS,
    stopMs: AT_MS + to * HOUR_MS,
  });
});
