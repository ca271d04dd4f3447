import { BASELINES } from '../functions/core/efficiency/baselines.ts';
import type { Baseline, Figure } from '../functions/core/efficiency/catalogue.ts';
import { InputError } from '../functions/core/errors.ts';
import { type MeasuredBaseline, measuredBaseline } from '../functions/core/measured/measured-baseline.ts';
import { baselineLines } from './baseline-print.ts';
import { checkManifest, MEASURED, packagedSets, readingsOf, readSet, setFolder } from './measured-folder.ts';
import { memoryStores } from './pipeline.ts';
import { loadRuns } from './run-folder.ts';
import { say, sayJson } from './terminal.ts';
import { evaluationsOf, uploadRuns } from './work.ts';

export interface BaselineOptions {
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** `wattline baseline [set]`: a measured set evaluated, or what baselines there are. */
export async function baselineCommand(named: string | undefined, options: BaselineOptions): Promise<void> {
  if (named === undefined) listBaselines(options);
  else {
    const result = await evaluateMeasured(setFolder(named), options);
    if (options.json) sayJson(result);
    else for (const line of baselineLines(result)) say(line);
    const wrong = result.findings.find(({ severity }) => severity === 'error');
    if (wrong) throw new InputError(wrong.code, wrong.message);
  }
}

/** Reads a measured set as uploads are read, after its files were held against the manifest. */
export async function evaluateMeasured(
  folder: string,
  options: Pick<BaselineOptions, 'verbose'> = {},
): Promise<MeasuredBaseline> {
  checkManifest(folder);
  const set = readSet(folder);
  const runs = await loadRuns(folder, { program: 'gpu-baseline', role: 'baseline' });
  const stores = memoryStores();
  await uploadRuns(stores, runs, { isVerbose: options.verbose ?? false });
  const evaluations = await evaluationsOf(stores, runs);
  return measuredBaseline(
    set,
    evaluations.map((evaluation) => ({
      run: evaluation.run,
      evaluation,
      readings: readingsOf(folder, evaluation.run),
    })),
  );
}

/** Packaged baselines: measured ones, and what makers and public results say. */
function listBaselines({ json }: BaselineOptions): void {
  const measured = packagedSets().map((name) => readSet(`${MEASURED}/${name}`));
  if (json) {
    sayJson({ schema: 'wattline/baselines@1', measured, catalogue: BASELINES });
    return;
  }
  say('Measured here:');
  for (const { name, board, capturedFrom, plans } of measured)
    say(
      `  ${name}  ${board.name}, ${plans.map((p) => `${p.runs.length} x ${p.precision}`).join(', ')}, ${capturedFrom.slice(0, 10)}`,
    );
  if (measured.length === 0)
    say('  none was captured yet; data/baselines/measured/capture.sh measures a GPU in 8 minutes');
  say('\nCatalogue (V verified in a primary file, S seen in a secondary source):');
  for (const baseline of BASELINES) for (const line of catalogueLines(baseline)) say(line);
}

function catalogueLines({ sku, vendor, powerW, densePeakFlops, published }: Baseline): string[] {
  const figure = (what: string, { value, grade, source }: Figure, unit: string): string =>
    `    ${what.padEnd(16)} ${String(value).padStart(6)} ${unit.padEnd(7)} ${grade}  ${source}`;
  return [
    `  ${sku} (${vendor}), ${published.length} published results`,
    ...(powerW ? [figure('power limit', powerW, 'W')] : ['    power limit      not published']),
    ...Object.entries(densePeakFlops).map(([precision, peak]) =>
      figure(
        `dense ${precision}`,
        { ...peak, value: peak.value / 1e12 },
        precision.startsWith('int') ? 'TOP/s' : 'TFLOP/s',
      ),
    ),
  ];
}
