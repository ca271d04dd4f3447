import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { chipsOf } from '../../cli/simulate/chips.ts';
import { energyLog } from '../../cli/simulate/effects.ts';
import { pilotFiles, runFiles } from '../../cli/simulate/pilot-files.ts';
import { planRun } from '../../cli/simulate/plan-run.ts';
import { Random } from '../../cli/simulate/random.ts';
import { plannedRuns } from '../../cli/simulate/schedule.ts';
import { type PilotSpecInput, PilotSpecSchema } from '../../cli/simulate/spec.ts';
import { pilotTruth } from '../../cli/simulate/truth.ts';
import { PilotTruthSchema } from '../../cli/simulate/truth-schema.ts';
import { simulateCommand } from '../../cli/simulate.ts';
import { RunManifestSchema } from '../../functions/core/telemetry/manifest.ts';
import { specOf } from './simulated.ts';

const hexOf = (files: Iterable<{ key: string; body: Uint8Array }>): string[] =>
  [...files].map(({ key, body }) => `${key} ${Buffer.from(body).toString('hex')}`);
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const sd = (values: readonly number[]): number => {
  const middle = mean(values);
  return Math.sqrt(values.reduce((s, v) => s + (v - middle) ** 2, 0) / (values.length - 1));
};

/** Nothing varies: what is left is what the spec says. */
const STILL: PilotSpecInput = {
  commonNightSd: 0,
  stepTimeSd: 0,
  candidate: { chips: 4, spread: { lotSd: 0, chipSd: 0, nightSd: 0 } },
  baseline: { chips: 4, spread: { lotSd: 0, chipSd: 0, nightSd: 0 } },
};

describe('random numbers', () => {
  test('are those of their name, whatever else was drawn', () => {
    const draw = (...path: string[]) => Array.from({ length: 5 }, () => new Random(1, ...path).uniform());
    expect(draw('a')).toEqual(draw('a'));
    expect(new Random(1, 'a').uniform()).not.toBe(new Random(1, 'b').uniform());
    expect(new Random(1, 'a').uniform()).not.toBe(new Random(2, 'a').uniform());
    expect(new Random(1, 'a', 'b').uniform()).not.toBe(new Random(1, 'a,b').uniform());
  });

  test('have the mean and SD of their distributions', () => {
    const random = new Random(3, 'moments');
    const normals = Array.from({ length: 20_000 }, () => random.normal());
    expect(Math.abs(mean(normals))).toBeLessThan(4 / Math.sqrt(20_000));
    expect(Math.abs(sd(normals) - 1)).toBeLessThan(0.03);
    for (const lambda of [0.2, 4, 90]) {
      const counts = Array.from({ length: 5_000 }, () => random.poisson(lambda));
      expect(Math.abs(mean(counts) - lambda)).toBeLessThan(4 * Math.sqrt(lambda / 5_000));
      expect(sd(counts) ** 2 / lambda).toBeCloseTo(1, 0.7);
    }
    expect(random.poisson(0)).toBe(0);
  });
});

describe('the files of a pilot', () => {
  test('are the same bytes each time, and others for another seed', () => {
    const files = hexOf(pilotFiles(specOf()));
    expect(hexOf(pilotFiles(specOf()))).toEqual(files);
    expect(hexOf(pilotFiles(specOf({ seed: 8 })))).not.toEqual(files);
  });

  test('are the same bytes of one run alone, and in a shorter or longer pilot', () => {
    const spec = specOf();
    const all = new Set(hexOf(pilotFiles(spec)));
    const last = [...plannedRuns(spec)].at(-1);
    const alone = hexOf(runFiles(spec, last as NonNullable<typeof last>));
    expect(alone).toHaveLength(4);
    for (const file of alone) expect(all).toContain(file);
    for (const file of hexOf(pilotFiles(specOf({ nights: 2 })))) expect(all).toContain(file);
  });

  test('come a night at a time, without the rest being made', () => {
    const spec = PilotSpecSchema.parse({ nights: 3_000 });
    const files = pilotFiles(spec);
    expect(files.next().value).toMatchObject({ key: 'simulated-pilot/prices.json', night: null });
    expect(files.next().value).toMatchObject({
      key: 'simulated-pilot/n0001-llm-8b-pretrain-1-candidate/run.json',
      night: 0,
    });
  });

  test('have valid manifests that say they are simulated, with every chip', () => {
    const spec = specOf();
    const manifests = [...pilotFiles(spec)]
      .filter(({ key }) => key.endsWith('/run.json'))
      .map(({ body }) => RunManifestSchema.parse(JSON.parse(Buffer.from(body).toString())));
    expect(manifests).toHaveLength(6);
    for (const { role, simulated, chips, boundary } of manifests) {
      expect({ simulated, boundary }).toEqual({ simulated: true, boundary: 'chip' });
      expect(chips?.map((c) => [c.id, c.lot, c.bin])).toEqual(
        chipsOf(spec, role).map((c) => [c.id, c.lot, c.bin]),
      );
    }
  });

  test('hold policy and ramp where the spec gives them', () => {
    const keys = [...pilotFiles(specOf({ policy: { a: 1 }, ramp: { b: 2 } }))].map(({ key }) => key);
    expect(keys.slice(0, 3)).toEqual([
      'simulated-pilot/prices.json',
      'simulated-pilot/policy.json',
      'simulated-pilot/ramp.json',
    ]);
  });
});

describe('the truth', () => {
  test('is an energy per token of exactly exp(level + effects), whatever restarts cost on top', () => {
    const spec = specOf();
    for (const run of plannedRuns(spec)) {
      const { training, chips } = planRun(spec, run);
      const trainedS = training.stretches.reduce((s, t) => s + (t.stopMs - t.startMs) / 1000, 0);
      const done = (run.workload.tokensPerRun * training.processedSteps) / training.usefulSteps;
      for (const { chip, curve } of chips) {
        const expected = (Math.exp(energyLog(spec, run, chip)) * done) / chips.length;
        expect(curve.busyW * trainedS).toBeCloseTo(expected, 6);
        if (training.stretches.length === 1) expect(curve.runJ / expected).toBeCloseTo(1, 12);
        else expect(curve.runJ).toBeGreaterThan(expected);
      }
    }
  });

  test('is the integral of the power that the readings are taken from, over restarts too', () => {
    const spec = specOf();
    const restarted = [...plannedRuns(spec)].map((run) => planRun(spec, run));
    expect(restarted.some((p) => p.training.stretches.length > 2)).toBe(true);
    for (const { training, chips } of restarted) {
      const { curve } = chips[0] as (typeof chips)[number];
      let joules = 0;
      for (let ms = training.startMs; ms < training.stopMs; ms += 10)
        joules +=
          curve.powerW(Math.min(ms + 5, training.stopMs)) * Math.min(0.01, (training.stopMs - ms) / 1000);
      expect(joules / curve.runJ).toBeCloseTo(1, 4);
    }
  });

  test('follows the spec alone where nothing varies', () => {
    const spec = PilotSpecSchema.parse({
      ...STILL,
      nights: 3,
      baselineDriftPerDay: -0.01,
      restarts: { seconds: 10 },
      workloads: [
        {
          name: 'w',
          energyPerTokenJ: 0.05,
          energyRatio: 0.7,
          timeRatio: 1.25,
          loss: { ratio: 1.02, runSd: 0 },
        },
      ],
    });
    const truth = pilotTruth(spec);
    for (const r of truth.runs.filter((run) => run.restarts === 0)) {
      const expected = r.role === 'candidate' ? 0.05 * 0.7 : 0.05 * Math.exp(-0.01 * r.night);
      expect(r.energyPerUsefulTokenJ / expected).toBeCloseTo(1, 9);
    }
    expect(truth.runs.every((r) => r.restarts === 0)).toBe(true);
    expect(truth.workloads[0]?.expected).toMatchObject({
      energyPerToken: 0.7,
      timePerToken: 1.25,
      lossAtEqualTokens: 1.02,
    });
    expect(truth.workloads[0]?.realised.timePerUsefulToken).toBeCloseTo(1.25, 3);
    expect(truth.workloads[0]?.realised.costPerUsefulToken).toBeCloseTo(1.25 / 1.3, 3);
    expect(truth.workloads[0]?.realised.lossAtEqualTokens).toBeCloseTo(1.02, 9);
    // The baseline came down by 1 % a night: on the mean of three nights by 1 %.
    expect(truth.workloads[0]?.realised.energyPerUsefulToken).toBeCloseTo(0.7 * Math.exp(0.01), 6);
  });

  test('has the spread that the spec sets', () => {
    const side = { chips: 400, lots: 40, spread: { lotSd: 0.02, chipSd: 0.03, nightSd: 0 } };
    const spec = PilotSpecSchema.parse({ candidate: side, baseline: side, nights: 1 });
    const chips = [...chipsOf(spec, 'candidate'), ...chipsOf(spec, 'baseline')];
    expect(sd(chips.map((c) => c.chipLog)) / 0.03).toBeCloseTo(1, 0.7);
    const lots = [...new Map(chips.map((c) => [c.lot, c.lotLog])).values()];
    expect(lots).toHaveLength(80);
    expect(sd(lots) / 0.02).toBeGreaterThan(0.75);
    expect(sd(lots) / 0.02).toBeLessThan(1.25);
    const byBin = Map.groupBy(chips, (c) => c.bin);
    const best = byBin.get('0') as typeof chips;
    const worst = byBin.get('2') as typeof chips;
    expect(Math.max(...best.map((c) => c.chipLog))).toBeLessThan(Math.min(...worst.map((c) => c.chipLog)));
  });

  test('fits its schema and adds up', () => {
    const truth = PilotTruthSchema.parse(pilotTruth(specOf()));
    const total = (of: readonly number[]): number => of.reduce((a, b) => a + b, 0);
    expect(truth.rejectedRows).toBe(total(truth.runs.flatMap((r) => r.files.map((f) => f.rejectedRows))));
    expect(truth.sides.candidate.eccUncorrected + truth.sides.baseline.eccUncorrected).toBe(
      total(truth.chips.map((c) => c.eccUncorrected)),
    );
    expect(truth.sides.candidate.restarts).toBeGreaterThan(0);
    for (const r of truth.runs) expect(total(Object.values(r.chipEnergyJ))).toBeCloseTo(r.energyJ, 6);
  });
});

describe('a spec that makes no pilot is refused with what was expected', () => {
  test.each<[string, PilotSpecInput, RegExp]>([
    ['nodes that do not come out even', { chipsPerNode: 3 }, /3 a node does not divide 4 and 4 chips/],
    [
      'a power below idle',
      { workloads: [{ name: 'w', energyPerTokenJ: 0.001 }] },
      /W a candidate chip; expected from 132/,
    ],
    ['too few steps', { workloads: [{ name: 'w', tokensPerRun: 1 }] }, /1 steps a run; expected at least 8/],
    [
      'restarts without end',
      { baseline: { chips: 4, faults: { interruptionsPerChipHour: 100 } } },
      /interruptions a run of small; expected at most 3/,
    ],
    ['a night that is too long', { runsPerNight: 20 }, /take 5 h in slots of 15 min; expected at most 4 h/],
    [
      'throttling of more than all the time',
      { baseline: { chips: 4, throttling: { powerShare: 0.9, thermalShare: 0.2 } } },
      /sum of at most 1/,
    ],
    [
      'two workloads of one name',
      { workloads: [{ name: 'w' }, { name: 'w' }] },
      /names of workloads must differ/,
    ],
  ])('%s', (_name, change, message) => {
    expect(() => specOf(change)).toThrow(message);
  });

  test('a night that begins in an hour that the zone leaves out', () => {
    const spec = specOf({ firstNight: '2026-03-29', startHour: 2, nights: 1 });
    expect(() => pilotTruth(spec)).toThrow(/2026-03-29T02:00:00, which Europe\/Berlin does not have once/);
  });
});

describe('wattline simulate', () => {
  const MAIN = join(import.meta.dirname, '../../cli/wattline.js');
  const folder = mkdtempSync(join(tmpdir(), 'wattline-simulate-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const simulate = (...args: string[]) =>
    spawnSync(process.execPath, [MAIN, 'simulate', ...args], { encoding: 'utf8', cwd: folder });
  const at = (name: string): string => join(folder, name);
  const files = (below: string) =>
    readdirSync(below, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));

  test('writes a landing folder and the truth, as the options and the spec say', () => {
    writeFileSync(
      join(folder, 'spec.json'),
      JSON.stringify({ program: 'mine', nights: 9, workloads: [{ name: 'w', energyRatio: 1.5 }] }),
    );
    const { status, stdout } = simulate(
      '--out',
      'a',
      '--spec',
      'spec.json',
      '--nights',
      '1',
      '--chips',
      '2',
      '--gain',
      '0.8',
      '--seed',
      '5',
      '--json',
    );
    expect(status).toBe(0);
    const said = JSON.parse(stdout);
    const truth = PilotTruthSchema.parse(JSON.parse(readFileSync(join(folder, 'a/truth.json'), 'utf8')));
    expect(truth).toMatchObject({ program: 'mine', seed: 5, nights: 1 });
    expect(truth.sides).toMatchObject({ candidate: { chips: 2 }, baseline: { chips: 2 } });
    expect(truth.workloads.map((w) => [w.name, w.expected.energyPerToken])).toEqual([['w', 0.8]]);
    const written = files(join(folder, 'a/landing'));
    expect(written).toHaveLength(said.files);
    expect(existsSync(join(folder, 'a/landing/mine/n1-w-1-candidate/run.json'))).toBe(true);
  });

  test('does not mix two pilots in one folder', () => {
    mkdirSync(at('b/landing/simulated-pilot'), { recursive: true });
    expect(() => simulateCommand({ out: at('b'), nights: '1', chips: '1' })).toThrow(
      /is there already.*expected a new folder/,
    );
  });

  test('ends with 2 on wrong usage', () => {
    expect(simulate()).toMatchObject({ status: 2, stderr: expect.stringMatching(/required option '--out/) });
  });

  test.each([
    [{ nights: 'many' }, 'usage', /--nights "many": expected a number/],
    [{ nights: '0' }, 'json-shape', /nights/],
    [{ gain: '-1' }, 'json-shape', /energyRatio/],
    [{ spec: 'nowhere.json' }, 'file', /nowhere\.json: no such file/],
  ])('refuses %j', (options, code, message) => {
    const refused = (): void => simulateCommand({ out: at('c'), ...options });
    expect(refused).toThrow(message);
    expect(refused).toThrow(expect.objectContaining({ code }));
    expect(existsSync(at('c'))).toBe(false);
  });
});
