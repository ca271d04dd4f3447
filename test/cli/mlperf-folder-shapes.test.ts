import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { memoryStores } from '../../cli/pipeline.ts';
import { loadRuns } from '../../cli/run-folder.ts';
import { evaluationsOf, uploadRuns } from '../../cli/work.ts';
import { scoreSet } from '../../functions/core/efficiency/scoring.ts';

const root = mkdtempSync(join(tmpdir(), 'wattline-mlperf-shapes-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const line = (key: string, s: number, value: unknown = null, metadata: object = {}): string =>
  `:::MLLOG ${JSON.stringify({ time_ms: 1_700_000_000_000 + s * 1000, key, value, metadata })}\n`;

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

const result = (seconds: number, status = 'success'): string =>
  line('submission_benchmark', -1, 'retinanet') +
  line('run_start', 0) +
  line('run_stop', seconds, null, { status });

/** Power of one node, the same all the time. */
const power = (watts: number, host: string, efficiency: number | null): string =>
  line('power_measurement_start', -6) +
  (efficiency === null ? '' : line('conversion_eff', -6, efficiency, { measurement_type: 'AC' })) +
  Array.from({ length: 60 }, (_, s) => line('power_reading', s - 5, watts, { host })).join('') +
  line('power_measurement_stop', 55);

async function scored(path: string) {
  const runs = await loadRuns(path, { program: 'p', role: 'baseline' });
  const stores = memoryStores();
  await uploadRuns(stores, runs, { isVerbose: false });
  const evaluations = await evaluationsOf(stores, runs);
  return { runs, evaluations, set: scoreSet(evaluations) };
}

test('two nodes whose logs name one host are two nodes, each with its efficiency', async () => {
  const at = join(root, 'one-host');
  for (let i = 0; i < 3; i += 1) {
    write(join(at, `result_${i}.txt`), result(10 + i));
    write(join(at, `power/result_${i}/node_0.txt`), power(1000, 'node_0', 0.9));
    write(join(at, `power/result_${i}/node_1.txt`), power(2000, 'node_0', 0.9));
  }
  const { evaluations, set } = await scored(at);
  expect(evaluations[0]?.scopes.map((s) => s.id)).toEqual(['node_0', 'node_1']);
  expect(set.energy.clippedTrapezoidJ).toBeCloseTo(11 * 3000 * 0.9, 6);
  expect(set.boundary).toBe('node-dc');
});

test('a node that does not state its conversion is assumed on the DC side, beside one that does', async () => {
  const at = join(root, 'mixed');
  write(join(at, 'result_0.txt'), result(10));
  write(join(at, 'power/result_0/node_0.txt'), power(1000, 'a', 0.9));
  write(join(at, 'power/result_0/node_1.txt'), power(1000, 'b', null));
  const [run] = await loadRuns(at, { program: 'p', role: 'baseline' });
  expect(run?.manifest).toMatchObject({
    boundaryBasis: 'assumed',
    files: [{ pattern: 'power/node_1.txt', boundary: 'node-dc' }],
  });
});

test('a run that never began, without power, is the dropped slowest and leaves the set its boundary', async () => {
  const at = join(root, 'never-began');
  for (let i = 0; i < 4; i += 1) {
    write(join(at, `result_${i}.txt`), result(10 + i));
    write(join(at, `power/result_${i}/node_0.txt`), power(1000, 'a', 0.9));
  }
  write(join(at, 'result_4.txt'), line('submission_benchmark', 0, 'retinanet') + line('seed', 7, 1));
  const { evaluations, set } = await scored(at);
  expect(evaluations.at(-1)).toMatchObject({ status: 'aborted', timeToTrainS: 7 });
  expect(set).toMatchObject({ dropped: ['result_0', 'result_4'], boundary: 'node-dc' });
  expect(set.energy.clippedTrapezoidJ).toBeCloseTo(12 * 900, 6);
  expect(set.findings.map((f) => f.code)).not.toContain('runs-without-energy');
});

test('the description of the system is found where a submission keeps it', async () => {
  const at = join(root, 'org/results/big-box/retinanet');
  write(join(at, 'result_0.txt'), result(10));
  const description = { accelerator_model_name: 'NVIDIA H200-SXM5-141GB', number_of_nodes: '2' };
  write(join(root, 'org/systems/big-box.json'), JSON.stringify(description));
  const [run] = await loadRuns(at, { program: 'p', role: 'baseline' });
  expect(run?.manifest).toMatchObject({ sku: 'H200-SXM', system: { nodes: 2 } });
});

test.each(['N/A', ''])('a chip called %j has no name', async (name) => {
  const at = join(root, `nameless-${name.length}`);
  write(join(at, 'result_0.txt'), result(10));
  write(join(at, 'system_desc.json'), JSON.stringify({ accelerator_model_name: name }));
  const [run] = await loadRuns(at, { program: 'p', role: 'baseline' });
  expect(run?.manifest.sku).toBe('unknown');
});
