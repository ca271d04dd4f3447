import { describe, expect, test } from 'vitest';
import { evaluateMeasured } from '../../cli/baseline.ts';
import { MEASURED, packagedSets, readSet } from '../../cli/measured-folder.ts';

const sets = packagedSets();

describe('data/baselines/measured', () => {
  test('says how many sets it holds', () => {
    const text =
      sets.length === 0
        ? 'no GPU baseline has been captured yet: data/baselines/measured/capture.sh makes one'
        : `measured baselines: ${sets.join(', ')}`;
    process.stderr.write(`${text}\n`);
    expect(sets.filter((name) => name.startsWith('simulated-'))).toEqual([]);
  });

  for (const name of sets)
    test(`${name} is whole, of a real board, and comes to figures that can be`, async () => {
      const folder = `${MEASURED}/${name}`;
      expect(readSet(folder)).toMatchObject({ name, simulated: false, licence: 'Apache-2.0' });
      const baseline = await evaluateMeasured(folder);
      expect(baseline.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
      const { powerLimitW } = baseline.board;
      for (const {
        precision,
        evidence,
        runs,
        meanPowerW,
        ofCeilingRatio,
        energyPerTokenJ,
      } of baseline.precisions) {
        expect(runs.length, precision).toBeGreaterThanOrEqual(3);
        expect(['A', 'B'], precision).toContain(evidence);
        expect(meanPowerW?.mean).toBeLessThan(1.1 * powerLimitW);
        expect(meanPowerW?.mean).toBeGreaterThan(baseline.idlePowerW?.mean as number);
        expect(ofCeilingRatio?.max).toBeLessThan(1);
        for (const run of runs) {
          expect(run.energy.differenceRatio, run.run).not.toBeNull();
          expect(run.energyPerTokenJ.trapezoid, run.run).toBeCloseTo(
            ((run.meanPowerW as number) * run.durationS) / (run.tokens as number),
            9,
          );
        }
        expect(energyPerTokenJ?.cvRatio).toBeLessThan(0.05);
      }
    });
});
