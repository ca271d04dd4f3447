import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { evaluateMeasured } from '../../cli/baseline.ts';
import { checkManifest } from '../../cli/measured-folder.ts';
import { filesBelow } from '../../cli/run-files.ts';
import type { MeasuredBaseline, PrecisionResult } from '../../functions/core/measured/measured-baseline.ts';
import { sha256 } from '../../functions/platform/hash.ts';
import { ingested } from '../ingested.ts';
import {
  CAPTURE,
  canCapture,
  capture,
  removeCaptured,
  scratch,
  trueEnergyJ,
  unzipped,
} from './measured-capture.ts';

const SIZE_LIMIT_BYTES = 10_000_000;

afterAll(removeCaptured);

describe.runIf(canCapture)('a dry run of capture.sh', () => {
  let set = '';
  let baseline: MeasuredBaseline;
  const precision = (name: string): PrecisionResult => {
    const found = baseline.precisions.find((p) => p.precision === name);
    if (!found) throw new Error(`no ${name}`);
    return found;
  };
  const json = (path: string) => JSON.parse(readFileSync(join(set, path), 'utf8'));
  beforeAll(async () => {
    const captured = capture();
    if (captured.status !== 0) throw new Error(captured.stderr);
    set = captured.set;
    baseline = await evaluateMeasured(set);
  }, 60_000);

  test('writes a set of under 10 MB, with the hash of each file', () => {
    const { files } = json('manifest.json') as { files: { path: string; bytes: number; sha256: string }[] };
    expect(files.map(({ path }) => path).sort()).toEqual(
      filesBelow(set)
        .filter((path) => path !== 'manifest.json')
        .sort(),
    );
    for (const { path, bytes, sha256: hash } of files) {
      const body = readFileSync(join(set, path));
      expect([path, body.length, sha256(body)]).toEqual([path, bytes, hash]);
    }
    const total = filesBelow(set).reduce((sum, path) => sum + statSync(join(set, path)).size, 0);
    expect(total).toBeLessThan(SIZE_LIMIT_BYTES);
    expect(checkManifest(set).files).toBe(files.length);
    expect(json('manifest.json').licence).toBe('Apache-2.0');
  });

  test('holds three repetitions of each precision and idling before and after', () => {
    expect(
      readdirSync(set)
        .filter((name) => !name.includes('.'))
        .sort(),
    ).toEqual([...['bf16-1', 'bf16-2', 'bf16-3', 'idle-after', 'idle-before', 'tf32-1', 'tf32-2', 'tf32-3']]);
  });

  test('gives the energy that the board really drew, by readings and by the counter', () => {
    const runs = baseline.precisions.flatMap((p) => p.runs);
    expect(runs.length).toBe(6);
    for (const { run, energy } of runs) {
      const { start, stop } = json(`${run}/run.json`);
      const truthJ = trueEnergyJ(set, Date.parse(start), Date.parse(stop));
      expect(truthJ).toBeGreaterThan(4000);
      // The readings are means of a second at ten a second, whole milliseconds and hundredths of a watt.
      expect(Math.abs((energy.trapezoidJ as number) / truthJ - 1), run).toBeLessThan(0.005);
      expect(Math.abs((energy.counterJ as number) / truthJ - 1), run).toBeLessThan(0.002);
      expect(Math.abs(energy.differenceRatio as number), run).toBeLessThan(0.01);
      expect(energy.reasons).toEqual([]);
    }
  });

  test('gives the idle power of the board', () => {
    expect(baseline.idlePowerW).toMatchObject({ n: 2 });
    expect(baseline.idlePowerW?.mean).toBeCloseTo(70, 1);
  });

  test('gives the MFU that its own arithmetic comes to', () => {
    // 24 layers of 1024, vocabulary 50304, tied; 16 sequences of 1024 tokens a step.
    const parameters = 50304 * 1024 + 24 * (12 * 1024 ** 2 + 2 * 1024) + 1024;
    const flopsPerToken = 6 * parameters + 12 * 24 * 1024 * 1024;
    for (const { run, tokens, durationS, mfuRatio, tflops } of precision('bf16').runs) {
      const { steps } = json('set.json').plans[0];
      expect(tokens).toBe(steps * 16 * 1024);
      const flops = ((tokens as number) * flopsPerToken) / durationS;
      expect(tflops, run).toBeCloseTo(flops / 1e12, 6);
      expect(mfuRatio, run).toBeCloseTo(flops / 989e12, 9);
    }
    expect(precision('bf16').flopsPerToken).toBe(flopsPerToken);
    expect(precision('bf16').attentionShare).toBeCloseTo((12 * 24 * 1024 * 1024) / flopsPerToken, 12);
    expect(precision('tf32').mfuRatio).toBeNull();
  });

  test('stays below the ceiling that was measured with it', () => {
    const { size, products, seconds } = json('set.json').ceilings[0];
    const best = (2 * size ** 3 * products) / Math.min(...seconds);
    const { ceiling, ofCeilingRatio, tflops } = precision('bf16');
    expect(ceiling?.bestFlops).toBeCloseTo(best, -3);
    expect(best / 700e12).toBeCloseTo(1, 5);
    expect(ofCeilingRatio?.mean).toBeCloseTo(((tflops?.mean ?? 0) * 1e12) / best, 9);
    expect(ofCeilingRatio?.max).toBeLessThan(1);
  });

  test('tells how alike the repetitions are', () => {
    const { energyPerTokenJ, tokensPerSecond, runs } = precision('bf16');
    const values = runs.map((r) => r.energyPerTokenJ.trapezoid as number);
    const mean = values.reduce((a, b) => a + b) / 3;
    const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 2);
    expect(deviation).toBeGreaterThan(0);
    expect(energyPerTokenJ?.cvRatio).toBeCloseTo(deviation / mean, 12);
    expect(tokensPerSecond?.n).toBe(3);
  });

  test('shows the period of sensor and counter no longer than they are', () => {
    for (const kind of ['average', 'instant', 'counter'] as const) {
      expect(baseline.sensor[kind].polledS).toBeCloseTo(0.1, 3);
      expect(baseline.sensor[kind].changesS, kind).toBeCloseTo(0.1, 3);
      expect(baseline.sensor[kind].isPollLimited).toBe(true);
    }
  });

  test('says that it is simulated, and that tf32 has no peak; nothing else', () => {
    expect(baseline.findings.map(({ code, about }) => [code, about])).toEqual([
      ['simulated', undefined],
      ['no-peak', 'tf32'],
    ]);
    expect(baseline.precisions.map((p) => p.evidence)).toEqual(['A', 'A']);
  });

  test('writes logs and snapshots that the readers take without a reject', async () => {
    const rule = { timeZone: 'UTC' };
    const files = ['bf16-1/megatron.log.gz', 'tf32-2/torchtitan.log.gz', 'board-before.xml.gz'];
    const read = await ingested(files.map((path) => ({ path, bytes: unzipped(join(set, path)), rule })));
    const facts = files.map((path) => {
      const { receipt } = read.get(path) ?? {};
      return [receipt?.format, receipt?.status, receipt?.rejected, (receipt?.rows ?? 0) > 0];
    });
    expect(facts).toEqual([
      ['megatron-log', 'accepted', 0, true],
      ['torchtitan-log', 'accepted', 0, true],
      ['nvidia-smi-xml', 'accepted', 0, true],
    ]);
    const records = read.get('bf16-1/megatron.log.gz')?.records.filter((r) => r.kind === 'step') ?? [];
    const { steps, interval } = json('set.json').plans[0];
    expect(records.length).toBe(steps / interval);
    expect(records.at(-1)).toMatchObject({ step: steps, samples: steps * 16 });
    expect(baseline.precisions.flatMap((p) => p.runs.map((r) => r.rejectedRows))).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('leaves out the serial number of the board', () => {
    expect(unzipped(join(set, 'board-after.xml.gz'))).toContain('<serial>0000000000000</serial>');
  });

  test('is the same bytes every time', () => {
    const again = capture();
    expect(readFileSync(join(again.set, 'manifest.json'), 'utf8')).toBe(
      readFileSync(join(set, 'manifest.json'), 'utf8'),
    );
  });
});

describe.runIf(canCapture)('capture.sh stops at once', () => {
  test.each([
    ['no-board', /finds no GPU: No devices were found/],
    ['no-power', /power\.draw\.average is \[N\/A\]; expected watts/],
    ['mig', /MIG mode.*Expected MIG off/],
    ['busy', /other processes use GPU 0: 4242, python3/],
    ['lowered-limit', /power limit of GPU 0 is 500\.00 W; expected its default of 700\.00 W/],
    ['two-boards', /several GPUs; expected --gpu/],
  ])('for a board with the fault %s', (fault, text) => {
    const { status, stderr, set } = capture(['--dry-run'], { SIMULATED_FAULT: fault });
    expect([status, set]).toEqual([1, '']);
    expect(stderr).toMatch(text);
  });

  test('where the driver answers with an error', () => {
    const bin = scratch();
    writeFileSync(join(bin, 'nvidia-smi'), '#!/bin/sh\necho "NVIDIA-SMI has failed"; exit 9\n');
    chmodSync(join(bin, 'nvidia-smi'), 0o755);
    const { status, stderr } = capture([], { PATH: `${bin}:${process.env.PATH}` });
    expect(status).toBe(1);
    expect(stderr).toMatch(/nvidia-smi finds no GPU: NVIDIA-SMI has failed/);
  });

  test('for runs that would be too short', () => {
    const { status, stderr, set } = capture(['--dry-run', '--budget-s', '60']);
    expect([status, set]).toEqual([1, '']);
    expect(stderr).toMatch(/left for 6 runs; expected 10 s each/);
  });

  test('for an option that it does not know', () => {
    const { status, stderr } = capture(['--fast']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/--fast: not known/);
  });

  test('and ends its collectors and its load when it is told to end', async () => {
    const work = scratch();
    const shell = spawn('bash', [CAPTURE, '--dry-run', '--no-torch', '--out', scratch()], {
      detached: true,
      stdio: 'ignore',
      env: { ...process.env, TMPDIR: work, SIMULATED_FAULT: 'stall' },
    });
    const group = -(shell.pid as number);
    const exit = once(shell, 'exit');
    // The load has begun once it writes down that it idles.
    const hasBegun = () => filesBelow(work).some((path) => path.endsWith('/events.jsonl'));
    await vi.waitFor(() => expect(hasBegun()).toBe(true), { timeout: 30_000 });
    process.kill(shell.pid as number, 'SIGTERM');
    const [code] = await exit;
    expect(code).toBe(143);
    expect(() => process.kill(group, 0)).toThrow(/ESRCH/);
  });
});
