import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BASELINES } from '../../functions/core/efficiency/baselines.ts';
import { sha256 } from '../../functions/platform/hash.ts';
import { canCapture, capture, removeCaptured, scratch } from '../data/measured-capture.ts';

const MAIN = join(import.meta.dirname, '../../cli/wattline.js');
const baseline = (...args: string[]) =>
  spawnSync(process.execPath, [MAIN, 'baseline', ...args], { encoding: 'utf8' });

afterAll(removeCaptured);

describe('wattline baseline', () => {
  test('lists every baseline of the catalogue with grade and source', () => {
    const { status, stdout } = baseline();
    expect(status).toBe(0);
    for (const { sku } of BASELINES) expect(stdout).toContain(sku);
    expect(stdout).toMatch(/dense bf16 +989 TFLOP\/s V {2}InferenceX-app/);
    expect(stdout).toMatch(/^Measured here:\n {2}\S/);
  });

  test('lists the same as JSON', () => {
    const { schema, measured, catalogue } = JSON.parse(baseline('--json').stdout);
    expect([schema, Array.isArray(measured), catalogue.length]).toEqual([
      ...['wattline/baselines@1', true, BASELINES.length],
    ]);
  });

  test('says what it expected of a name that is no set', () => {
    const { status, stderr } = baseline('no-such-gpu');
    expect(status).toBe(1);
    expect(stderr).toMatch(/no-such-gpu: no such folder; expected a folder of .*capture\.sh/);
    expect(baseline(scratch()).stderr).toMatch(/there is no set\.json in it/);
  });
});

describe.runIf(canCapture)('wattline baseline of a dry run', () => {
  let set = '';
  beforeAll(() => {
    set = capture(['--dry-run', '--repetitions', '2']).set;
  }, 60_000);

  /** Changes a file of the set as somebody would who also mends its manifest; gives back what undoes it. */
  function changed(name: string, change: (text: string) => string): () => void {
    const [path, manifest] = [join(set, name), join(set, 'manifest.json')];
    const [text, before] = [readFileSync(path, 'utf8'), readFileSync(manifest, 'utf8')];
    const body = change(text);
    const { totalBytes, files, ...rest } = JSON.parse(before);
    const mended = files.map((file: { path: string }) =>
      file.path === name ? { path: name, bytes: Buffer.byteLength(body), sha256: sha256(body) } : file,
    );
    const total = totalBytes + Buffer.byteLength(body) - Buffer.byteLength(text);
    writeFileSync(path, body);
    writeFileSync(manifest, JSON.stringify({ ...rest, totalBytes: total, files: mended }));
    return () => {
      writeFileSync(path, text);
      writeFileSync(manifest, before);
    };
  }

  test('prints energy two ways, MFU beside the ceiling, and what a reader must know', () => {
    const { status, stdout } = baseline(set);
    expect(status).toBe(0);
    for (const text of [
      /SIMULATED: no figure of a GPU/,
      /energy per token .* mJ \(n = 2, CV \d\.\d\d %\) by readings/,
      /by the counter/,
      /by palm, 2\.423 GFLOP a token, attention 12\.46 % of it/,
      /matrix products reach +700\.0 TFLOP\/s at best/,
      /MFU +3\d\.\d+ % .* of 989\.0 TFLOP\/s; products alone 70\.78 %/,
      /warning: few-repetitions: bf16: 2 repetitions; expected at least 3/,
    ])
      expect(stdout).toMatch(text);
  });

  test('gives the same as JSON', () => {
    const { schema, simulated, precisions } = JSON.parse(baseline(set, '--json').stdout);
    expect([schema, simulated]).toEqual(['wattline/measured-baseline@1', true]);
    expect(precisions.map((p: { precision: string }) => p.precision)).toEqual(['bf16', 'tf32']);
  });

  test('fails where training is faster than matrix products alone', () => {
    const undo = changed('set.json', (text) => text.replace(/"products": \d+/, '"products": 300'));
    const { status, stdout, stderr } = baseline(set);
    undo();
    expect(status).toBe(1);
    expect(stderr).toMatch(/bf16: training reaches 11\d\.\d % of what matrix products alone reach \(329\./);
    expect(stdout).toMatch(/error: above-ceiling/);
  });

  test('fails where matrix products are faster than the dense peak', () => {
    const undo = changed('set.json', (text) => text.replace(/"products": \d+/, '"products": 2000'));
    const { status, stderr } = baseline(set);
    undo();
    expect(status).toBe(1);
    expect(stderr).toMatch(/above the dense peak of 989\.0 TFLOP\/s: the peak or the timing is wrong/);
  });

  test('refuses a file that is not what the manifest says, one that is missing and one too many', () => {
    const path = join(set, 'set.json');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('"simulated": true', '"simulated": null'));
    expect(baseline(set).stderr).toMatch(/set\.json: SHA-256 [0-9a-f]{64}; expected [0-9a-f]{64}/);
    writeFileSync(path, text);
    const extra = join(set, 'extra.txt');
    writeFileSync(extra, 'x');
    expect(baseline(set).stderr).toMatch(/extra\.txt: the file is not in manifest\.json/);
    rmSync(extra);
    const log = join(set, 'bf16-1/megatron.log.gz');
    const bytes = readFileSync(log);
    rmSync(log);
    expect(baseline(set).stderr).toMatch(/megatron\.log\.gz: no such file; manifest\.json has it/);
    writeFileSync(log, bytes);
    expect(baseline(set).status).toBe(0);
  });
});
