import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** Real logs of other projects with their true results; they lie beside the checkout and not in it. */
export const CASES = resolve(import.meta.dirname, '../../shared/cases');
export const hasCases = existsSync(CASES);
if (!hasCases)
  process.stderr.write('skipped: ../shared/cases is not there, so published results are not compared\n');

/** Real files of other projects in the formats that Wattline reads; beside the checkout too. */
export const SAMPLES = resolve(import.meta.dirname, '../../shared/samples');
export const hasSamples = existsSync(SAMPLES);
if (!hasSamples)
  process.stderr.write(
    'skipped: ../shared/samples is not there, so real files of other tools are not read\n',
  );
