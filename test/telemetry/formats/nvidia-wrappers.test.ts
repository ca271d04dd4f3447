import { describe, expect, test } from 'vitest';
import { nvidiaSmiCsv } from '../../../functions/core/telemetry/formats/nvidia-smi-csv.ts';
import { readText } from './recording-sink.ts';

const UUID = 'GPU-0123abcd-0000-0000-0000-00000000000a';
const UTC = { timeZone: 'UTC' };

describe('what wrappers make of it', () => {
  const AT = Date.parse('2026-01-31T12:00:00.250Z');
  test.each([
    ['seconds since 1970', 'epoch', '1769860800.250'],
    ['milliseconds', 'epoch_ms', '1769860800250'],
    ['microseconds', 'time', '1769860800250000'],
    ['nanoseconds under the name of its own', 'timestamp', '1769860800250000000'],
    ['a time with its offset', 'ts', '2026-01-31T13:00:00.250+01:00'],
  ])('%s are read without a zone', async (_name, column, time) => {
    const sink = await readText(nvidiaSmiCsv, `${column},index,power.draw\n${time},0,5\n`);
    expect(sink.samples).toEqual([{ scope: 'gpu0', timeMs: AT, values: { power_w: 5 } }]);
  });
  test.each([
    ['no zone is known: the time since 1970', {}, 1_769_860_000_000],
    ["a zone is known: the tool's own", UTC, AT],
  ])('of two times is read, where %s', async (_name, rule, timeMs) => {
    const text =
      'epoch,timestamp, index, power.draw [W]\n1769860000,2026/01/31 12:00:00.250, 0, 5 W\n1769860000,2026/01/31 12:00:00.250, 1, 5 W';
    const sink = await readText(nvidiaSmiCsv, text, { rule });
    expect(sink.samples.map((s) => s.timeMs)).toEqual([timeMs, timeMs]);
  });
  test.each(['0.25', '12:00:00', '31.01.2026 12:00:00'])('%s under time is no time', async (time) => {
    const text = `time,index,power.draw\n${time},0,5\n`;
    await expect(readText(nvidiaSmiCsv, text, { rule: UTC })).rejects.toMatchObject({
      code: 'start-time-missing',
    });
  });
  test('GPUs of the same index on several hosts are several GPUs', async () => {
    const rows = ['n1,0,5', 'n2,0,6', 'n1,1,7', ',0,8'].map((row) => `2026-01-31T12:00:00Z,${row}`);
    const text = ['timestamp,hostname,index,power.draw', ...rows].join('\n');
    const sink = await readText(nvidiaSmiCsv, text, { rule: { node: 'here' } });
    expect(sink.samples.map((s) => [s.scope, s.values.power_w])).toEqual([
      ['n1/gpu0', 5],
      ['n2/gpu0', 6],
      ['n1/gpu1', 7],
    ]);
    expect(sink.rejects).toMatchObject([{ line: 5, reason: 'scope' }]);
  });
  test.each(['gpu_index', 'gpu_id', 'device_id'])('%s is an index where it holds one', async (column) => {
    const text = (id: string) => `timestamp,${column},power.draw\n2026-01-31T12:00:00Z,${id},5\n`;
    const sink = await readText(nvidiaSmiCsv, text('3') + text('NVIDIA A100').split('\n')[1]);
    expect(sink.samples.map((s) => s.scope)).toEqual(['gpu3']);
    expect(sink.rejects).toMatchObject([{ reason: 'scope' }]);
    await expect(readText(nvidiaSmiCsv, text('NVIDIA A100'))).rejects.toMatchObject({
      code: 'scope-missing',
    });
  });
});

describe('a table of something else', () => {
  const GPUS = `timestamp, uuid, power.draw [W]\n2026/01/31 12:00:00.000, ${UUID}, 5 W\n`;
  const PROCESSES = `timestamp, gpu_uuid, pid\n2026/01/31 12:00:00.000, ${UUID}, 4242\n`;
  test('between those of GPUs is passed over: a process id is no power', async () => {
    for (const text of [GPUS + PROCESSES + GPUS, PROCESSES + GPUS + GPUS]) {
      const sink = await readText(nvidiaSmiCsv, text, { rule: UTC });
      expect(sink.samples.map(({ values }) => values.power_w)).toEqual([5, 5]);
      expect([sink.rows, sink.rejects]).toEqual([3, []]);
      expect(sink.notes).toMatchObject([{ code: 'table-left-out', severity: 'info' }]);
    }
  });
  test.each([PROCESSES, 'timestamp, index, power.limit [W]\n2026/01/31 12:00:00.000, 0, 700 W\n'])(
    'alone is refused with its columns: %j',
    async (text) => {
      await expect(readText(nvidiaSmiCsv, text, { rule: UTC })).rejects.toMatchObject({
        code: 'columns-unknown',
      });
    },
  );
});

test.each([
  'Sat Jan 31 12:00:00 UTC 2026',
  'Sat Jan  3 12:00:00 PM CET 2026',
  '2026-01-31 12:00:00',
  '2026-01-31T12:00:00+00:00',
  '----------',
])('a loop may print %j between its tables', async (line) => {
  const once = (second: number) =>
    `${line}\ntimestamp, index, power.draw [W]\n2026/01/31 12:00:0${second}.000, 0, ${second} W\n`;
  const sink = await readText(nvidiaSmiCsv, once(1) + once(2), { rule: UTC });
  expect(sink.samples.map(({ values }) => values.power_w)).toEqual([1, 2]);
  expect([sink.rows, sink.rejects]).toEqual([2, []]);
});
test('a date above a table is not taken for the time of its rows', async () => {
  const text = '2026-01-31 12:00:00\nindex, power.draw [W]\n0, 5 W\n';
  await expect(readText(nvidiaSmiCsv, text, { rule: UTC })).rejects.toMatchObject({
    code: 'start-time-missing',
  });
});
