import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { amdSmiCsv } from '../../../functions/core/telemetry/formats/amd-smi-csv.ts';
import { amdSmiJson } from '../../../functions/core/telemetry/formats/amd-smi-json.ts';
import { FORMATS } from '../../../functions/core/telemetry/formats/registry.ts';
import { hasSamples, SAMPLES } from '../../shared.ts';
import { readText } from './recording-sink.ts';

const START = '2026-01-31T12:00:00Z';
const START_MS = Date.parse(START);

describe('amd-smi CSV', () => {
  const HEADER =
    'timestamp,gpu,gfx_activity,vcn_activity,socket_power,gfx_0_clk,gfx_0_max_clk,hotspot,edge,total_energy_consumption,ppt_violation_status';
  const row = (
    time: number,
    gpu: number,
    powerW: number | string,
    more = '1900,2400,60,N/A,1.5,NOT ACTIVE',
  ) => `${time},${gpu},50,"['N/A', 0, 'N/A']",${powerW},${more}`;
  const read = (lines: readonly string[], options = {}) =>
    readText(amdSmiCsv, lines.join('\n'), { path: 'node1/gpu_metrics.csv', ...options });

  test('of watch mode: seconds, lists in cells, blank lines between polls (nasty 55)', async () => {
    const lines = [HEADER, row(1769860800, 0, 238), row(1769860800, 1, 242), '', row(1769860801, 0, 239), ''];
    for (const chunk of [1, 65_536]) {
      const sink = await read(lines, { chunk });
      expect(
        sink.samples.map(({ scope, timeMs, values }) => [scope, timeMs - START_MS, values.power_w]),
      ).toEqual([
        ['node1/gpu0', 0, 238],
        ['node1/gpu1', 0, 242],
        ['node1/gpu0', 1000, 239],
      ]);
      expect(sink.samples[0]?.values).toEqual({
        power_w: 238,
        temperature_c: 60,
        clock_hz: 1.9e9,
        utilization_ratio: 0.5,
        energy_j: 1.5,
        throttled_power_ratio: 0,
      });
      expect([sink.rows, sink.rejects]).toEqual([3, []]);
      expect(sink.facts['node1/gpu0']).toEqual({ kind: 'chip', boundary: 'chip' });
    }
  });
  test('that was killed in the middle of a line keeps its whole rows', async () => {
    const sink = await read([HEADER, row(1769860800, 0, 238), row(1769860800, 1, 242).slice(0, 40)]);
    expect(sink.samples).toHaveLength(1);
    expect(sink.rejects).toMatchObject([{ line: 3, reason: 'cells' }]);
  });
  test('65535 is no clock and no power, but may be an energy (nasty 8)', async () => {
    const sink = await read([HEADER, row(1769860800, 0, 65_535, '65535,2400,60,N/A,65535,N/A')]);
    expect(sink.samples.map(({ values }) => values)).toEqual([
      { temperature_c: 60, utilization_ratio: 0.5, energy_j: 65_535 },
    ]);
  });
  test('of a partitioned GPU: partition 0 has the power, the others have none, which is not 0 (nasty 14)', async () => {
    const sink = await read([
      HEADER,
      row(1769860800, 0, 750),
      row(1769860800, 1, 'N/A', 'N/A,N/A,N/A,N/A,N/A,N/A'),
    ]);
    expect(sink.samples.map(({ values }) => values.power_w)).toEqual([750, undefined]);
  });
  test('an energy that runs backwards or stands still is handed on as it is (nasty 20)', async () => {
    const energies = [100, 100, 40].map((energyJ, i) =>
      row(1769860800 + i, 0, 100, `1900,2400,60,N/A,${energyJ},N/A`),
    );
    const sink = await read([HEADER, ...energies]);
    expect(sink.samples.map(({ values }) => values.energy_j)).toEqual([100, 100, 40]);
  });
  test('without a time: the GPUs of a poll are of one time', async () => {
    const lines = ['gpu,socket_power', '0,238', '1,242'];
    const sink = await read(lines, { rule: { startTime: START } });
    expect(sink.samples.map(({ timeMs }) => timeMs - START_MS)).toEqual([0, 0]);
    await expect(read(lines)).rejects.toMatchObject({ code: 'start-time-missing' });
    await expect(read([...lines, '0,239'], { rule: { startTime: START } })).rejects.toMatchObject({
      code: 'period-missing',
    });
  });
  test.each([
    ['current_socket_power', 'average_socket_power'],
    ['average_socket_power', 'socket_power'],
  ])('power is read from %s where %s is empty (nasty 32)', async (filled, empty) => {
    const sink = await read([`timestamp,gpu,${empty},${filled}`, '1769860800,0,N/A,142']);
    expect(sink.samples.map(({ values }) => values)).toEqual([{ power_w: 142 }]);
  });
  test('a row of several GPUs side by side is refused: one of them alone would be read', async () => {
    const lines = ['timestamp,gpu,socket_power,gpu,socket_power', '1769860800,0,535,1,540'];
    await expect(read(lines)).rejects.toMatchObject({ code: 'column-twice' });
  });
  test('0 W is no reading: a GPU that is there draws some', async () => {
    const sink = await read(['timestamp,gpu,socket_power,gfx_activity', '1769860800,1,0,0']);
    expect(sink.samples.map(({ values }) => values)).toEqual([{ utilization_ratio: 0 }]);
  });
  test('reasons under the names of 6.3.0, and a clock without a number, are the same', async () => {
    const sink = await read([
      'timestamp,gpu,ppt_violation_active,vr_thermal_violation_active,ppt_violation_percent,gfx_clk,gfx_max_clk',
      '1769860800,0,ACTIVE,ACTIVE,25,2100,2400',
    ]);
    expect(sink.samples.map(({ values }) => values)).toEqual([
      { clock_hz: 2.1e9, throttled_power_ratio: 0.25, throttled_thermal_ratio: 1 },
    ]);
  });
  test('what watch mode prints on how to stop it is told', async () => {
    const sink = await read(["'CTRL' + 'C' to stop watching output:", HEADER, row(1769860800, 0, 1)]);
    expect(sink.samples).toHaveLength(1);
    expect(sink.notes).toMatchObject([{ code: 'prose' }]);
  });
  test('a WARNING before the header is told', async () => {
    const sink = await read([
      'WARNING: User is missing the following required groups: render',
      HEADER,
      row(1769860800, 0, 1),
    ]);
    expect(sink.samples).toHaveLength(1);
    expect(sink.notes).toMatchObject([{ code: 'prose', severity: 'warning' }]);
  });
});

describe('amd-smi monitor', () => {
  const HEADER =
    'timestamp,gpu,xcp,power_usage,max_power,hotspot_temperature,memory_temperature,gfx_clk,gfx,mem';
  const VALUES = { power_w: 201, temperature_c: 46, clock_hz: 2.107e9, utilization_ratio: 0.5 };

  test('CSV: partitions after the first are left out, whatever they repeat (nasty 14)', async () => {
    const lines = [
      HEADER,
      '1769860800,0,0,201,750,46,42,2107,50,3',
      '1769860800,0,1,201,750,46,42,2107,50,3',
      '1769860800,1,0,N/A,750,N/A,42,N/A,N/A,3',
      '1769860801,0,0,202,750,46,42,2107,50,3',
    ];
    for (const chunk of [1, 65_536]) {
      const sink = await readText(amdSmiCsv, lines.join('\n'), { chunk });
      expect(sink.samples).toEqual([
        { scope: 'gpu0', timeMs: START_MS, values: VALUES },
        { scope: 'gpu0', timeMs: START_MS + 1000, values: { ...VALUES, power_w: 202 } },
      ]);
      expect([sink.rows, sink.rejects]).toEqual([4, []]);
      expect(sink.notes).toMatchObject([{ code: 'entity-left-out' }]);
    }
  });
  test('CSV without a time: the rows of a GPU that has partitions are of one poll', async () => {
    const text = 'gpu,xcp,power_usage\n0,0,201\n0,1,N/A\n1,0,210\n';
    const sink = await readText(amdSmiCsv, text, { rule: { startTime: START } });
    expect(sink.samples.map(({ timeMs, values }) => [timeMs - START_MS, values.power_w])).toEqual([
      [0, 201],
      [0, 210],
    ]);
  });
  test('gfx is a share of time here, and none beside the clocks of amd-smi metric', async () => {
    const rule = { startTime: START };
    const monitor = await readText(amdSmiCsv, 'gpu,gfx_clk,gfx\n0,2100,50\n', { rule });
    expect(monitor.samples[0]?.values).toEqual({ clock_hz: 2.1e9, utilization_ratio: 0.5 });
    const metric = await readText(amdSmiCsv, 'gpu,gfx,gfx_clk,gfx_min_clk\n0,1,2100,500\n', { rule });
    expect(metric.samples[0]?.values).toEqual({ clock_hz: 2.1e9 });
  });
  test('CSV of violations: the largest share of each kind', async () => {
    const text = 'gpu,pviol,tviol,tviol_active,phot_tviol,vr_tviol,hbm_tviol\n0,100,1,True,0,3,N/A\n';
    const sink = await readText(amdSmiCsv, text, { rule: { startTime: START } });
    expect(sink.samples[0]?.values).toEqual({ throttled_power_ratio: 1, throttled_thermal_ratio: 0.03 });
  });
  test('JSON', async () => {
    const gpu = (xcp: number) => ({
      timestamp: START_MS / 1000,
      gpu: 0,
      xcp,
      power_usage: { value: 201, unit: 'W' },
      hotspot_temperature: { value: 46, unit: 'C' },
      gfx_clk: { value: 2107, unit: 'MHz' },
      gfx: { value: 50, unit: '%' },
      single_bit_ecc: 3,
    });
    const sink = await readText(amdSmiJson, JSON.stringify([gpu(0), gpu(1)]));
    expect(sink.samples).toEqual([
      { scope: 'gpu0', timeMs: START_MS, values: { ...VALUES, ecc_corrected_total: 3 } },
    ]);
    expect([sink.rows, sink.rejects]).toEqual([2, []]);
    expect(sink.notes).toMatchObject([{ code: 'entity-left-out' }]);
  });
});

describe('the table of amd-smi monitor', () => {
  const TABLE = [
    'TIMESTAMP  GPU  XCP  POWER   GPU_T   MEM_T   GFX_CLK   GFX%   MEM%   ENC%      VRAM_USAGE',
    '1769860800    0    0  201 W   46 °C   42 °C  2107 MHz   50 %    0 %    N/A    0.3/192.0 GB',
    '1769860800    0    1  201 W   46 °C   42 °C  2107 MHz   50 %    0 %    N/A    0.3/ 24.0 GB',
    '1769860800    1    0    N/A     N/A     N/A       N/A    N/A    N/A    N/A    0.3/192.0 GB',
    '1769860801    0    0 1350 W   46 °C   42 °C  2107 MHz   50 %    0 %    N/A   60.9/ 96.0 GB',
  ];
  const VALUES = { power_w: 201, temperature_c: 46, clock_hz: 2.107e9, utilization_ratio: 0.5 };

  test('is read as its CSV; a wide number leaves one blank', async () => {
    for (const chunk of [1, 65_536]) {
      const sink = await readText(amdSmiCsv, TABLE.join('\r\n'), { chunk });
      expect(sink.samples).toEqual([
        { scope: 'gpu0', timeMs: START_MS, values: VALUES },
        { scope: 'gpu0', timeMs: START_MS + 1000, values: { ...VALUES, power_w: 1350 } },
      ]);
      expect([sink.rows, sink.rejects]).toEqual([4, []]);
    }
  });
  test('names of older versions, violations in lists, a table of processes behind it', async () => {
    const text = [
      'WARNING: User is missing the following required groups: render',
      'GPU  POWER  GPU_TEMP  GFX_UTIL  GFX_CLOCK  PVIOL  TVIOL  TVIOL_ACTIVE  GFXCLK_PVIOL',
      '  0   40 W     46 °C      50 %    95 MHz    3 %    1 %         False    [0 %, 0 %]',
      'PROCESS INFO:',
      'GPU     NAME      PID  GTT_MEM',
      '  0  python3  1234567    2.0 MB',
    ].join('\n');
    const sink = await readText(amdSmiCsv, text, { rule: { startTime: START } });
    expect(sink.samples.map(({ values }) => values)).toEqual([
      {
        power_w: 40,
        temperature_c: 46,
        clock_hz: 95e6,
        utilization_ratio: 0.5,
        throttled_power_ratio: 0.03,
        throttled_thermal_ratio: 0.01,
      },
    ]);
    expect([sink.rows, sink.rejects]).toEqual([1, []]);
    expect(sink.notes).toMatchObject([{ code: 'prose' }]);
  });
  test('a row that was cut is rejected; numbers without units are of another table', async () => {
    const sink = await readText(amdSmiCsv, [...TABLE, '1769860802    0    0  20'].join('\n'));
    expect(sink.rejects).toMatchObject([{ line: 6, reason: 'cells' }]);
    expect(amdSmiCsv.sniff(TABLE.join('\n'), 'x')).toBe(true);
    expect(amdSmiCsv.sniff('GPU  POWER\n0  123\n', 'x')).toBe(false);
  });
});

describe('amd-smi JSON', () => {
  const gpu = (index: number, more: object = {}) => ({
    gpu: index,
    usage: { gfx_activity: { value: 50, unit: '%' } },
    power: { socket_power: { value: 142, unit: 'W' }, throttle_status: 'N/A' },
    clock: { gfx_0: { clk: { value: 1900, unit: 'MHz' } } },
    temperature: { hotspot: { value: 60, unit: 'C' }, edge: 'N/A' },
    energy: { total_energy_consumption: { value: 1.5, unit: 'J' } },
    ecc: { total_correctable_count: 2, total_uncorrectable_count: 1 },
    ...more,
  });
  const VALUES = {
    power_w: 142,
    temperature_c: 60,
    clock_hz: 1.9e9,
    utilization_ratio: 0.5,
    energy_j: 1.5,
    ecc_corrected_total: 2,
    ecc_uncorrected_total: 1,
  };
  const read = (text: string, options = {}) =>
    readText(amdSmiJson, text, { rule: { startTime: START }, ...options });
  const valuesOf = async (entry: object) =>
    (await read(JSON.stringify([entry]))).samples.map(({ values }) => values);

  test.each([
    ['a bare list', (gpus: object[]) => JSON.stringify(gpus)],
    ['gpu_data', (gpus: object[]) => JSON.stringify({ gpu_data: gpus }, null, 4)],
    ['one GPU a document', (gpus: object[]) => gpus.map((entry) => JSON.stringify(entry)).join('')],
    ['behind a WARNING (nasty 53)', (gpus: object[]) => `WARNING: no render group\n${JSON.stringify(gpus)}`],
  ])('%s', async (_name, write) => {
    for (const chunk of [1, 65_536]) {
      const sink = await read(write([gpu(0), gpu(1)]), { chunk });
      expect(sink.samples).toEqual([
        { scope: 'gpu0', timeMs: START_MS, values: VALUES },
        { scope: 'gpu1', timeMs: START_MS, values: VALUES },
      ]);
      expect([sink.rows, sink.rejects]).toEqual([2, []]);
    }
  });
  test('values without units, and under older names, are the same (nasty 32)', async () => {
    const power = { average_socket_power: 142, current_socket_power: 'N/A' };
    const bare = {
      usage: { gfx_activity: 50 },
      clock: { gfx_0: { clk: '1900 MHz' } },
      temperature: { edge: '60' },
    };
    expect(await valuesOf(gpu(0, { power, ...bare, energy: 'N/A', ecc: {} }))).toEqual([
      { power_w: 142, temperature_c: 60, clock_hz: 1.9e9, utilization_ratio: 0.5 },
    ]);
  });
  test('documents follow one another periodMs apart, or have their own times', async () => {
    const polls = [0, 1].map((i) => JSON.stringify([gpu(0), gpu(1)].map((entry) => ({ ...entry, poll: i }))));
    const rule = { startTime: START, periodMs: 500 };
    const untimed = await read(polls.join('\n'), { rule });
    expect(untimed.samples.map(({ timeMs }) => timeMs - START_MS)).toEqual([0, 0, 500, 500]);
    const timed = await read(JSON.stringify([{ timestamp: 1769860801, ...gpu(0) }]), { rule: {} });
    expect(timed.samples.map(({ timeMs }) => timeMs - START_MS)).toEqual([1000]);
    await expect(read(polls[0] as string, { rule: {} })).rejects.toMatchObject({
      code: 'start-time-missing',
    });
  });
  test('an accumulator counts in its resolution of microjoules (nasty 20)', async () => {
    const energy = { energy_accumulator: 2_000_000, counter_resolution: 15.3 };
    expect((await valuesOf(gpu(0, { energy })))[0]?.energy_j).toBeCloseTo(30.6, 9);
  });
  test('the largest of several reasons counts; share before state', async () => {
    const throttle = {
      ppt_violation_status: 'NOT ACTIVE',
      ppt_violation_activity: { value: 25, unit: '%' },
      socket_thermal_violation_status: 'NOT ACTIVE',
      hbm_thermal_violation_status: 'ACTIVE',
      vr_thermal_violation_status: 'N/A',
      total_gfx_clk_below_host_limit_violation_status: { xcp_0: ['ACTIVE'] },
    };
    expect(await valuesOf(gpu(0, { throttle }))).toEqual([
      { ...VALUES, throttled_power_ratio: 0.25, throttled_thermal_ratio: 1 },
    ]);
  });
  test.each([
    ['unit', { power: { socket_power: { value: 1, unit: 'V' } } }],
    ['number', { power: { socket_power: { value: 'many', unit: 'W' } } }],
    ['range', { temperature: { hotspot: { value: 900, unit: 'C' } } }],
    ['scope', { gpu: 'N/A' }],
    ['time-stamp', { timestamp: 'noon' }],
  ])('a GPU with a bad %s is rejected whole', async (reason, more) => {
    const sink = await read(JSON.stringify([gpu(0, more), gpu(1)], null, 2));
    expect(sink.samples.map(({ scope }) => scope)).toEqual(['gpu1']);
    expect(sink.rejects).toMatchObject([{ line: 1, reason }]);
    expect(sink.rows).toBe(2);
  });
  test('a document that was cut is rejected, and what stands before it is read (nasty 48)', async () => {
    const sink = await read(`${JSON.stringify([gpu(0)])}\n[{"gpu": 0, "pow`, { rule: { startTime: START } });
    expect(sink.samples).toHaveLength(1);
    expect(sink.rejects).toMatchObject([{ line: 2, reason: 'json' }]);
  });
  test('what is no document of GPUs is rejected, however deep it is nested', async () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const sink = await read(`{"error": "no driver"}\n${deep}`);
    expect(sink.rejects.map(({ reason }) => reason)).toEqual(['device', 'device']);
  });
});

test.each([
  ['amd-smi-csv', 'gpu,gfx_activity,socket_power\n0,1,2\n'],
  ['amd-smi-csv', 'WARNING: x\ntimestamp,gpu,gfx_activity\n'],
  ['amd-smi-csv', 'gpu,power_usage,hotspot_temperature\n0,1,2\n'],
  ['amd-smi-csv', 'timestamp,gpu,xcp,pviol,tviol\n'],
  ['amd-smi-json', '[{"gpu": 0, "power_usage": {"value": 1, "unit": "W"}}]'],
  ['amd-smi-json', '[{"gpu": 0, "usage": {"gfx_activity": 1}}]'],
  ['amd-smi-json', 'WARNING: x\n{"gpu_data": [{"gpu": 0}]}'],
])('exactly one format recognises %s: %j', (id, head) => {
  expect(FORMATS.filter((f) => f.sniff(head, 'x')).map((f) => f.id)).toEqual([id]);
});

describe.runIf(hasSamples)('real files', () => {
  test('a log of eight MI355X: power and clock of the first GPUs', async () => {
    const file = join(SAMPLES, 'amd', 'amd-smi-csv', 'mi355x_watch_excerpt.csv');
    const sink = await readText(amdSmiCsv, readFileSync(file), { rule: { node: 'mi355x' } });
    expect(sink.rejects).toEqual([]);
    expect(
      sink.samples.map(({ scope, timeMs, values }) => [scope, timeMs, values.power_w, values.clock_hz]),
    ).toEqual([
      ['mi355x/gpu0', 1_786_553_852_000, 238, 95e6],
      ['mi355x/gpu1', 1_786_553_852_000, 242, 96e6],
      ['mi355x/gpu0', 1_786_553_853_000, 239, 95e6],
    ]);
  });
});
