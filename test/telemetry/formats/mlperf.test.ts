import { describe, expect, test } from 'vitest';
import { mllogParts } from '../../../functions/core/telemetry/formats/mllog.ts';
import { mlperfPower } from '../../../functions/core/telemetry/formats/mlperf-power.ts';
import { mlperfResults } from '../../../functions/core/telemetry/formats/mlperf-results.ts';
import { FORMATS } from '../../../functions/core/telemetry/formats/registry.ts';
import { foldRun } from '../../../functions/core/telemetry/progress-fold.ts';
import { fc } from '../../fast-check.ts';
import { readText } from './recording-sink.ts';

const line = (key: string, timeMs: number, value: unknown = null, metadata: unknown = {}): string =>
  `:::MLLOG ${JSON.stringify({ namespace: '', time_ms: timeMs, event_type: 'POINT_IN_TIME', key, value, metadata })}`;

describe('an MLLOG line', () => {
  test('is found behind a rank and behind a progress bar', () => {
    for (const text of [
      `0: ${line('seed', 1, 7)}`,
      `Epoch 0:  10%|##   | 1/10\rEpoch 0: 20%\r${line('seed', 1, 7)}`,
    ]) {
      expect(mllogParts(text)).toEqual([{ record: { timeMs: 1, key: 'seed', value: 7, metadata: {} } }]);
    }
  });
  test('may hold several records, and other text behind them', () => {
    expect(mllogParts(`${line('a', 1)}${line('b', 2)} 100%|####|`)).toHaveLength(2);
  });
  test('says nothing with "null" and with empty metadata', () => {
    expect(mllogParts(line('k', 1, 'null', ''))).toEqual([
      { record: { timeMs: 1, key: 'k', value: null, metadata: {} } },
    ]);
  });
  test('may hold NaN, which is no value', () => {
    expect(
      mllogParts(':::MLLOG {"time_ms": 1, "key": "train_loss", "value": NaN, "metadata": {"x": Infinity}}'),
    ).toMatchObject([{ record: { value: null } }]);
  });
  test.each([
    ['cut', ':::MLLOG {"time_ms": 12, "key": "pow'],
    ['without time', ':::MLLOG {"key":"a"}'],
    ['without JSON', ':::MLLOG oops'],
  ])('that is %s is an error with its text', (_name, text) => {
    expect(mllogParts(text)).toEqual([{ error: expect.any(String), raw: text }]);
  });
  test('with braces and quotes in strings ends where it ends', () => {
    expect(mllogParts(`${line('k', 1, 'a } " { b')} tail }`)).toMatchObject([
      { record: { value: 'a } " { b' } },
    ]);
  });
});

describe('an MLPerf power log', () => {
  const log = [
    line('power_measurement_start', 1000, 'null', ''),
    line('power_reading', 2000, 500, ''),
    line('power_reading', 4000, 510, ''),
    line('power_reading', 3990, 505, ''),
    line('power_measurement_stop', 1000, 'null', ''),
  ].join('\n');
  test('gives its readings in file order, and stop after them with the stamp of start', async () => {
    const sink = await readText(mlperfPower, log, { path: 'power/node_3.txt' });
    expect(sink.calls.map((c) => (c as unknown[]).slice(0, 3))).toEqual([
      ['start', 'node_3', 1000],
      ['sample', 'node_3', 2000],
      ['sample', 'node_3', 4000],
      ['sample', 'node_3', 3990],
      ['stop', 'node_3', 1000],
    ]);
    expect(sink.facts.node_3).toEqual({ kind: 'node' });
  });
  test('states boundary and efficiency where it has them', async () => {
    const sink = await readText(mlperfPower, line('conversion_eff', 1, 0.94, { measurement_type: 'AC' }), {
      path: 'node_0.txt',
    });
    expect(sink.facts.node_0).toMatchObject({
      conversionEfficiency: 0.94,
      boundary: 'node-ac',
      boundaryAfter: 'node-dc',
    });
  });
  test('takes the host that its readings name', async () => {
    const sink = await readText(mlperfPower, line('power_reading', 1, 5, { host: 'rack7' }), {
      path: 'node_0.txt',
    });
    expect(sink.samples[0]?.scope).toBe('rack7');
  });
  test('of a switch is an estimate', async () => {
    const sink = await readText(
      mlperfPower,
      line('interconnect_power_est', 1, 16100, { switch_id: 'sw_01' }),
      { path: 'sw_0.txt' },
    );
    expect(sink.calls).toEqual([['estimate', 'sw_0', 1, 16100]]);
    expect(sink.facts.sw_0).toEqual({ kind: 'switch' });
  });
  test('a negative or missing power and a cut line are rejected with their line', async () => {
    const sink = await readText(
      mlperfPower,
      `${line('power_reading', 1, -1)}\n${line('power_reading', 2, null)}\n:::MLLOG {"time_ms": 3`,
    );
    expect(sink.rejects.map((r) => [r.line, r.reason])).toEqual([
      [1, 'number'],
      [2, 'number'],
      [3, 'mllog'],
    ]);
    expect(sink.samples).toEqual([]);
  });
  test('any chunk boundary, line end and byte order mark give the same calls', async () => {
    const plain = await readText(mlperfPower, log);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 70 }),
        fc.boolean(),
        fc.boolean(),
        async (chunk, isCrlf, hasMark) => {
          const text = `${hasMark ? '\ufeff' : ''}${isCrlf ? log.replaceAll('\n', '\r\n') : log}`;
          expect((await readText(mlperfPower, text, { chunk })).calls).toEqual(plain.calls);
          const utf16 = Buffer.from(`\ufeff${log}`, 'utf16le');
          expect((await readText(mlperfPower, utf16, { chunk: chunk * 2 + 1 })).calls).toEqual(plain.calls);
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('an MLPerf result log', () => {
  const meta = (more: object) => ({ file: 'x.py', lineno: 1, ...more });
  const log = [
    'some shell text',
    `0: ${line('submission_benchmark', 1, 'llama2_70b_lora')}`,
    `0: ${line('run_start', 1000, null, meta({}))}`,
    `1: ${line('run_start', 1000, null, meta({}))}`,
    `0: ${line('eval_accuracy', 5000, 0.93, meta({ samples_count: 1536 }))}`,
    `0: ${line('block_start', 5001, null, meta({ samples_count: 0 }))}`,
    `0: ${line('run_stop', 9000, 0.92, meta({ samples_count: 3072, status: 'success' }))}`,
  ].join('\n');
  test('gives run time, status, samples and evaluations; ranks that repeat change nothing', async () => {
    const sink = await readText(mlperfResults, log);
    expect(sink.progressed.filter((p) => p.kind === 'run-start')).toHaveLength(1);
    expect(foldRun(sink.progressed)).toMatchObject({
      startMs: 1000,
      stopMs: 9000,
      status: 'success',
      samples: 3072,
      evaluations: [{ timeMs: 5000, value: 0.93 }],
    });
  });
  test('keeps the throughput that it tracks as a fact, and takes no epoch of a loss for a step', async () => {
    const sink = await readText(
      mlperfResults,
      [
        line('tracked_stats', 1, { throughput: 2.0567 }, { step: 1536 }),
        line('tracked_stats', 2, { warmup_time: 226 }, { step: 0 }),
        line('train_loss', 3, 1.45, { samples_count: 160, epoch_num: 0.02 }),
      ].join('\n'),
    );
    const { facts, steps } = foldRun(sink.progressed);
    expect(facts).toEqual(new Map([['throughput_samples_per_second', 2.0567]]));
    expect(steps?.useful).toMatchObject({ steps: null, samples: 160 });
  });
  test('a restarted run counts from its last start; what stands behind its stop is not looked at', async () => {
    const sink = await readText(
      mlperfResults,
      [
        line('run_start', 1),
        line('run_start', 50),
        line('run_stop', 90, null, { status: 'aborted' }),
        line('run_stop', 99, null, { status: 'success' }),
      ].join('\n'),
    );
    expect(foldRun(sink.progressed)).toMatchObject({ startMs: 50, stopMs: 90, status: 'aborted' });
  });
  test.each([
    [
      'samples that the log calls epochs',
      [line('train_samples', 1, 2_100_792), line('eval_accuracy', 2, 0.7, { epoch_num: 2_100_792 })],
      2_100_792,
    ],
    [
      'epochs times the training set',
      [line('train_samples', 1, 1000), line('run_stop', 2, null, { epoch_num: 0.85, status: 'success' })],
      850,
    ],
    ['nothing, where nothing counts', [line('run_stop', 2, null, { status: 'success' })], null],
  ])('work: %s', async (_name, lines, samples) => {
    expect(foldRun((await readText(mlperfResults, lines.join('\n'))).progressed).samples).toBe(samples);
  });
});

test.each([
  ['power/node_0.txt', line('power_measurement_start', 1), 'mlperf-training-power'],
  ['sw_0.txt', line('interconnect_power_est', 1, 5), 'mlperf-training-power'],
  ['result_1.txt', `+ echo hello\n0: ${line('cache_clear', 1)}`, 'mlperf-training-results'],
  ['x.csv', 'time,scope,power_w\n', 'wattline-csv'],
  ['x.jsonl', '{"time_unix_ms":1,"scope":"a"}\n', 'wattline-jsonl'],
])('exactly one format recognises %s', (path, head, id) => {
  expect(FORMATS.filter((f) => f.sniff(head, path)).map((f) => f.id)).toEqual([id]);
});
