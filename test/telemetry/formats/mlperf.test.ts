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
  test('is of the node that its file is of, whatever its readings call their host', async () => {
    const text = [
      line('power_measurement_start', 1000),
      line('conversion_eff', 1000, 0.94, { measurement_type: 'AC' }),
      line('power_reading', 2000, 5, { host: 'rack7' }),
    ].join('\n');
    for (const path of ['power/node_0.txt', 'power/node_1.txt']) {
      const sink = await readText(mlperfPower, text, { path });
      const stem = path.slice(6, -4);
      expect(sink.samples.map((s) => s.scope)).toEqual([stem]);
      expect(Object.keys(sink.facts)).toEqual([stem]);
      expect(sink.facts[stem]).toMatchObject({ conversionEfficiency: 0.94, boundary: 'node-ac' });
    }
  });
  test('with readings of several hosts is of several nodes, and what it states is of each', async () => {
    const text = [
      line('power_measurement_start', 1000),
      line('power_reading', 2000, 5, { host: 'a' }),
      line('conversion_eff', 2000, 0.9, { measurement_type: 'AC' }),
      line('power_reading', 2000, 6, { host: 'b' }),
      line('power_measurement_stop', 3000),
    ].join('\n');
    const sink = await readText(mlperfPower, text, { path: 'node_0.txt' });
    expect(sink.samples.map((s) => [s.scope, s.values.power_w])).toEqual([
      ['node_0', 5],
      ['node_0/b', 6],
    ]);
    for (const id of ['node_0', 'node_0/b']) {
      expect(sink.facts[id]).toMatchObject({ conversionEfficiency: 0.9, boundaryAfter: 'node-dc' });
      expect(sink.calls).toContainEqual(['start', id, 1000]);
      expect(sink.calls).toContainEqual(['stop', id, 3000]);
    }
    expect(sink.notes.map((n) => n.code)).toEqual(['several-hosts']);
  });
  test('on the AC side without a loss is not converted', async () => {
    const sink = await readText(mlperfPower, line('conversion_eff', 1, 1, { measurement_type: 'AC' }), {
      path: 'node_0.txt',
    });
    expect(sink.facts.node_0).toMatchObject({ boundary: 'node-ac', boundaryAfter: 'node-ac' });
  });
  test('that states its efficiency twice is read by the last one, and says so', async () => {
    const text = `${line('conversion_eff', 1, 0.9)}\n${line('conversion_eff', 2, 0.95)}`;
    const sink = await readText(mlperfPower, text, { path: 'node_0.txt' });
    expect(sink.facts.node_0).toMatchObject({ conversionEfficiency: 0.95 });
    expect(sink.notes.map((n) => n.code)).toEqual(['efficiency-changed']);
  });
  test('of a node with an estimate of its switch keeps its readings', async () => {
    const estimate = line('interconnect_power_est', 1, 900, { switch_id: 'sw_01' });
    const sink = await readText(mlperfPower, `${estimate}\n${line('power_reading', 2, 5)}`, {
      path: 'node_0.txt',
    });
    expect(sink.calls).toEqual([
      ['estimate', 'sw_01', 1, 900],
      ['sample', 'node_0', 2, { power_w: 5 }],
    ]);
    expect(sink.facts).toEqual({ sw_01: { kind: 'switch' }, node_0: { kind: 'node' } });
  });
  test('with a stop of two colons ends there', async () => {
    const stop = line('power_measurement_stop', 5).replace(':::', '::');
    const sink = await readText(mlperfPower, `${line('power_reading', 2, 5)}\n${stop}`, {
      path: 'node_0.txt',
    });
    expect(sink.calls).toContainEqual(['stop', 'node_0', 5]);
    expect([sink.rows, sink.rejects]).toEqual([2, []]);
  });
  test('with times in seconds or as text of a date is rejected, never of 1970', async () => {
    const reading = line('power_reading', 1_715_341_415, 5);
    const text = `${reading}\n${reading.replace('1715341415', '"2024-05-10T11:43:35Z"')}\n${reading.replace('1715341415', '"1715341415000"')}`;
    const sink = await readText(mlperfPower, text);
    expect(sink.rejects.map((r) => [r.line, r.expected])).toEqual([
      [1, 'time_ms as a number of ms since 1970 and key as a string'],
      [2, 'time_ms as a number of ms since 1970 and key as a string'],
    ]);
    expect(sink.samples.map((s) => s.timeMs)).toEqual([1_715_341_415_000]);
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

describe('lines of a launcher', () => {
  const stop = line('run_stop', 9000, null, { status: 'success' });
  test.each([
    ['behind a label', `0: ${stop.slice(0, 40)}\n0: ${stop.slice(40)}`],
    ['without a label', `${stop.slice(0, 60)}\n${stop.slice(60)} and more`],
    ['behind its mark', `[3] ${stop.slice(0, 8)}\n[3] ${stop.slice(8)}`],
  ])('a record cut in two %s is one', async (_name, text) => {
    const sink = await readText(mlperfResults, `${line('run_start', 1000)}\n${text}\n`);
    expect(foldRun(sink.progressed)).toMatchObject({ startMs: 1000, stopMs: 9000, status: 'success' });
    expect([sink.rows, sink.rejects]).toEqual([2, []]);
  });
  test.each([
    ['another record', line('run_start', 5)],
    ['text that does not end it', 'node02: epoch 3'],
    ['nothing', ''],
  ])('a record that %s follows is rejected, and what follows is read', async (_name, next) => {
    const sink = await readText(mlperfResults, `0: ${stop.slice(0, 60)}\n${next}`);
    expect(sink.rejects).toMatchObject([{ line: 1, reason: 'mllog', raw: stop.slice(0, 60) }]);
    expect(sink.progressed).toHaveLength(next.startsWith(':::') ? 1 : 0);
  });
  test('hours of a progress bar are no line that is too long', async () => {
    const bar = 'Epoch 0:  10%|##   | 1/10\r'.repeat(50_000);
    const text = `${line('run_start', 1000)}\r\n${bar}${stop}\r\n`;
    const plain = await readText(mlperfResults, text);
    expect(foldRun(plain.progressed)).toMatchObject({ startMs: 1000, stopMs: 9000 });
    expect((await readText(mlperfResults, text, { chunk: 7 })).calls).toEqual(plain.calls);
  });
});

describe('what a log calls epochs', () => {
  const log = (benchmark: string, epochs: number, trainSamples: number): string =>
    [
      line('submission_benchmark', 1, benchmark),
      line('max_sequence_length', 1, 2048),
      line('run_start', 2),
      line('eval_accuracy', 3, 0.9, { epoch_num: epochs }),
      line('run_stop', 4, null, { status: 'success' }),
      line('train_samples', 5, trainSamples),
    ].join('\n');
  test.each([
    ['gpt3', 51_904_512, 51_904_512, 25_344, 51_904_512],
    ['unet3d', 241_920, 168, 241_920, null],
    ['unet3d', 1_440, 168, 241_920, null],
    ['bert', 2_030_855, 4_500_000, 2_030_855, null],
    ['gnn', 0.85, 1_000, 850, null],
  ])('%s: %d of %d', async (benchmark, epochs, trainSamples, samples, tokens) => {
    const { progressed } = await readText(mlperfResults, log(benchmark, epochs, trainSamples));
    expect(foldRun(progressed)).toMatchObject({ samples, tokens });
  });
  test('gpt3 without its sequence length counts tokens alone', async () => {
    const text = log('gpt3', 4096, 4096).replace('max_sequence_length', 'other');
    expect(foldRun((await readText(mlperfResults, text)).progressed)).toMatchObject({
      samples: null,
      tokens: 4096,
    });
  });
});

test('the system is what the first description says that can be read', async () => {
  const text = [
    `0: + echo ':::SYSJSON {"number_of_nodes":'"8"`,
    ':::SYSJSON {"number_of_nodes":"64"}',
    ':::SYSJSON {"number_of_nodes":"1"}',
  ].join('\n');
  const { facts } = foldRun((await readText(mlperfResults, text)).progressed);
  expect(facts).toEqual(new Map([['number_of_nodes', 64]]));
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
