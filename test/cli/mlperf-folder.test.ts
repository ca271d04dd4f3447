import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { memoryStores } from '../../cli/pipeline.ts';
import { loadRuns } from '../../cli/run-folder.ts';
import { evaluationsOf, uploadRuns } from '../../cli/work.ts';
import { scoreSet } from '../../functions/core/efficiency/scoring.ts';

const root = mkdtempSync(join(tmpdir(), 'wattline-mlperf-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const line = (key: string, s: number, value: unknown = null, metadata: object = {}): string =>
  `:::MLLOG ${JSON.stringify({ time_ms: 1_700_000_000_000 + s * 1000, key, value, metadata })}\n`;

/** A folder of results: run i takes (10 + i) s at 1 kW; `cut` leaves out the end of one. */
function folder(name: string, benchmark: string, runs: number, cut?: number): string {
  const at = join(root, name);
  for (let i = 0; i < runs; i += 1) {
    mkdirSync(join(at, 'power', `result_${i}`), { recursive: true });
    const stop =
      i === cut ? line('eval_accuracy', 5, 0.1) : line('run_stop', 10 + i, null, { status: 'success' });
    writeFileSync(
      join(at, `result_${i}.txt`),
      line('submission_benchmark', 0, benchmark) + line('run_start', 0) + stop,
    );
    const readings = Array.from({ length: 60 }, (_, s) => line('power_reading', s - 5, 1000));
    writeFileSync(
      join(at, 'power', `result_${i}`, 'node_0.txt'),
      line('power_measurement_start', -6) + readings.join('') + line('power_measurement_stop', 55),
    );
  }
  return at;
}

async function scored(path: string) {
  const runs = await loadRuns(path, { program: 'p', role: 'baseline' });
  const stores = memoryStores();
  await uploadRuns(stores, runs, { isVerbose: false });
  const evaluations = await evaluationsOf(stores, runs);
  return { evaluations, set: scoreSet(evaluations) };
}

test('3D U-Net drops four at each end', async () => {
  const { set } = await scored(folder('unet', 'unet3d', 10));
  expect(set).toMatchObject({ droppedEachEnd: 4, timeToTrainMin: 14.5 / 60 });
  expect(set.energy.clippedTrapezoidJ).toBeCloseTo(14_500, 6);
});

test('a run whose log never stops failed, and is the dropped slowest', async () => {
  const { evaluations, set } = await scored(folder('cut', 'bert', 5, 0));
  expect(evaluations[0]).toMatchObject({ run: 'result_0', status: 'aborted' });
  expect(set.dropped).toEqual(['result_0', 'result_1']);
  expect(set.timeToTrainMin).toBeCloseTo(13 / 60, 9);
});

test('a boundary that nobody states is the rules own, said to be assumed, and caps the evidence', async () => {
  const { evaluations } = await scored(folder('plain', 'bert', 3));
  expect(evaluations[0]).toMatchObject({ boundary: 'node-dc', boundaryBasis: 'assumed', evidence: 'C' });
  const { evaluations: named } = await scored(folder('pilot-ac-power', 'bert', 3));
  expect(named[0]).toMatchObject({ boundary: 'node-ac', boundaryBasis: 'declared', evidence: 'A' });
});
