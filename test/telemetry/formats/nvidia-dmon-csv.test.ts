import { describe, expect, test } from 'vitest';
import { nvidiaSmiDmon } from '../../../functions/core/telemetry/formats/nvidia-smi-dmon.ts';
import { FORMATS } from '../../../functions/core/telemetry/formats/registry.ts';
import { readText } from './recording-sink.ts';

const START = '2026-07-14T08:00:00Z';
const START_MS = Date.parse(START);
const timed = { startTime: START, periodMs: 1000 };

describe('nvidia-smi dmon --format csv', () => {
  const rows = '0, 130, 37, -, 66\n1, -, 38, -, 67\n';
  const expected = [
    { scope: 'gpu0', timeMs: START_MS, values: { power_w: 130, temperature_c: 37, utilization_ratio: 0.66 } },
    { scope: 'gpu1', timeMs: START_MS, values: { temperature_c: 38, utilization_ratio: 0.67 } },
  ];
  test.each([
    ['with both lines above it', '# gpu, pwr, gtemp, mtemp, sm\n# Idx, W, C, C, %\n'],
    ['spelled without blanks', '#gpu,pwr,gtemp,mtemp,sm\n#Idx,W,C,C,%\n'],
    ['without units', '#gpu, pwr, gtemp, mtemp, sm\n'],
  ])('%s', async (_name, head) => {
    const sink = await readText(nvidiaSmiDmon, head + rows, { rule: timed });
    expect([sink.samples, sink.rejects]).toEqual([expected, []]);
    expect(FORMATS.filter((f) => f.sniff(head + rows, 'dmon.csv')).map((f) => f.id)).toEqual([
      'nvidia-smi-dmon',
    ]);
  });
  test('with a day and a time', async () => {
    const text =
      '#Date, Time, gpu, pwr\n#YYYYMMDD, HH:MM:SS, Idx, W\n20260714, 08:00:00, 0, 130\n20260714, 08:00:01, 0, 131\n';
    const sink = await readText(nvidiaSmiDmon, text, { rule: { timeZone: 'UTC' } });
    expect(sink.samples.map((s) => [s.timeMs - Date.UTC(2026, 6, 14, 8), s.values.power_w])).toEqual([
      [0, 130],
      [1000, 131],
    ]);
  });
  test('without a header, by the columns in run.json', async () => {
    for (const first of ['gpu', '#gpu']) {
      const rule = { ...timed, columns: [first, 'pwr', 'gtemp', 'mtemp', 'sm'] };
      expect((await readText(nvidiaSmiDmon, rows, { rule })).samples).toEqual(expected);
    }
    await expect(readText(nvidiaSmiDmon, rows, { rule: timed })).rejects.toMatchObject({
      code: 'header-missing',
    });
  });
  test('a row that is cut is rejected', async () => {
    const sink = await readText(nvidiaSmiDmon, '#gpu, pwr, gtemp\n0, 130\n', { rule: timed });
    expect([sink.samples, sink.rejects.map((r) => r.reason)]).toEqual([[], ['cells']]);
  });
});

test.each([
  ['1784016000500000', 'unix-us'],
  ['1784016000500000000', 'unix-ns'],
])('a wrapper may stamp lines with %s', async (stamp) => {
  const { samples } = await readText(nvidiaSmiDmon, `${stamp} # gpu pwr\n${stamp} 0 130\n`);
  expect(samples.map((s) => s.timeMs)).toEqual([1_784_016_000_500]);
});
