import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { memoryStores } from '../../cli/pipeline.ts';
import type { RunUpload } from '../../cli/run-files.ts';
import { loadRuns } from '../../cli/run-folder.ts';
import { evaluationsOf, uploadRuns } from '../../cli/work.ts';
import { CASES, hasCases } from '../shared.ts';

const folders = hasCases
  ? readdirSync(CASES, { withFileTypes: true })
      .filter((round) => round.isDirectory())
      .flatMap((round) => readdirSync(join(CASES, round.name)).map((name) => join(round.name, name)))
  : [];
const HOUR_MS = 3_600_000;

async function clockFindingsOf(runs: readonly RunUpload[]) {
  const stores = memoryStores();
  await uploadRuns(stores, runs, { isVerbose: false });
  const evaluations = await evaluationsOf(stores, runs);
  return evaluations.map((e) => e.findings.filter((f) => f.code === 'clock-offset'));
}

describe.skipIf(!hasCases)('the clock check on published runs', () => {
  test.each(folders)('finds nothing wrong with the clocks of %s', async (folder) => {
    const runs = await loadRuns(join(CASES, folder), { program: 'case', role: 'baseline' });
    expect((await clockFindingsOf(runs)).flat()).toEqual([]);
  });

  test('finds the offset of a real log that is read an hour late', async () => {
    const folder = join(CASES, 'mlperf-training-v4.0/smc-ac-1xH100-bert');
    const [run] = await loadRuns(folder, { program: 'case', role: 'baseline' });
    if (!run) throw new Error(`${folder}: no run in it`);
    const late = { pattern: 'power/**', clockOffsetMs: HOUR_MS };
    const files = [...run.manifest.files, late];
    const [findings] = await clockFindingsOf([{ ...run, manifest: { ...run.manifest, files } }]);
    expect(findings).toHaveLength(1);
    expect(findings?.[0]?.values).toMatchObject({ offsetMs: HOUR_MS, clockOffsetMs: 0 });
  });
});
