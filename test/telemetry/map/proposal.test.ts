import { describe, expect, test } from 'vitest';
import { mappedCsv } from '../../../functions/core/telemetry/formats/mapped-csv.ts';
import { type Proposal, proposeMapping } from '../../../functions/core/telemetry/map/proposal.ts';
import { sampleOfText } from '../../../functions/core/telemetry/map/sample.ts';
import { readText } from '../formats/recording-sink.ts';

const propose = async (text: string, path = 'file.csv'): Promise<Proposal> => {
  const sample = await sampleOfText(text, path);
  if (!sample) throw new Error('no sample');
  return proposeMapping(sample, path);
};
const open = ({ questions }: Proposal): string[] => questions.filter((q) => q.isOpen).map((q) => q.about);
const hints = ({ questions }: Proposal): string =>
  questions
    .filter((q) => !q.isOpen)
    .map((q) => q.text)
    .join('\n');

const BOARD = [
  '# board logger',
  'time;node;chip_id;power_mw;board_temp_c;clk (MHz);util;energy_uj;fan_rpm',
  '2026-01-31T12:00:00;n3;0;300000;61.5;1980;0;1000;3000',
  '2026-01-31T12:00:00;n3;1;-1;62;1980;55;900;3000',
  '2026-01-31T12:00:01;n3;0;310000;broken;1980;97;2000;3000',
  '2026-01-31T12:00:01;n3;1;320000;62;1980;97;1900;3000',
].join('\n');

describe('a proposal', () => {
  test('has fields, units, sentinels, words for nothing, scopes and the delimiter of a table', async () => {
    const proposal = await propose(BOARD);
    expect(proposal.mapping).toEqual({
      form: 'csv',
      delimiter: ';',
      time: { column: 'time', form: 'iso' },
      scope: ['node', 'chip_id'],
      nulls: ['broken'],
      readings: [
        { column: 'power_mw', field: 'power_w', unit: 'mW', sentinels: [-1] },
        { column: 'board_temp_c', field: 'temperature_c' },
        { column: 'clk (MHz)', field: 'clock_hz', unit: 'MHz' },
        { column: 'util', field: 'utilization_ratio', unit: '%' },
        { column: 'energy_uj', field: 'energy_j', unit: 'uJ' },
      ],
    });
    expect(open(proposal)).toEqual(['timeZone', 'boundary']);
    expect(hints(proposal)).toMatch(/unit of "util".*taken for %.*0 to 97/);
    expect(hints(proposal)).toMatch(/Not read: "fan_rpm"/);
  });

  test('reads the file that it was made from, once its questions are answered', async () => {
    const { mapping } = await propose(BOARD);
    const rule = { timeZone: 'UTC', ...(mapping ? { mapping } : {}) };
    const sink = await readText(mappedCsv, BOARD, { rule });
    expect(sink.rejects).toEqual([]);
    expect(sink.samples).toHaveLength(4);
    expect(sink.samples[3]).toEqual({
      scope: 'n3/1',
      timeMs: Date.UTC(2026, 0, 31, 12, 0, 1),
      values: {
        power_w: 320,
        temperature_c: 62,
        clock_hz: 1.98e9,
        utilization_ratio: 0.97,
        energy_j: 0.0019,
      },
    });
  });

  test('tells wide tables, and leaves the total beside its parts out (nasty 19)', async () => {
    const proposal = await propose(
      'timestamp,n1_watts,n2_watts,total_watts\n2026-05-05T19:14:51Z,2492,2579,5071\n',
    );
    expect(proposal.mapping).toMatchObject({
      kind: 'node',
      readings: [
        { column: 'n1_watts', scope: 'n1' },
        { column: 'n2_watts', scope: 'n2' },
      ],
    });
    expect(hints(proposal)).toMatch(/"total_watts".*would count twice/);
    expect(open(proposal)).toEqual(['boundary']);
  });

  test('tells tables of one metric a row', async () => {
    const rows = ['ts,device,metric,value'];
    for (const second of [0, 1])
      rows.push(
        `${1_769_860_800 + second},npu0,board_power_mw,450000`,
        `${1_769_860_800 + second},npu0,energy_total_mj,${second}`,
        `${1_769_860_800 + second},npu0,fan,3000`,
      );
    expect((await propose(rows.join('\n'))).mapping).toEqual({
      form: 'csv',
      time: { column: 'ts', form: 'unix-s' },
      scope: ['device'],
      long: {
        metric: 'metric',
        value: 'value',
        readings: {
          board_power_mw: { field: 'power_w', unit: 'mW' },
          energy_total_mj: { field: 'energy_j', unit: 'mJ' },
        },
      },
    });
  });

  test('goes into the array of a JSON line, and takes the whole of several powers', async () => {
    const line = (chips: object[]): string => JSON.stringify({ ts: 1_769_860_800_000, host: 'n1', chips });
    const text = `${line([
      { slot: 0, power: { core_w: 1, socket_w: 2 } },
      { slot: 1, power: { core_w: 1, socket_w: 2 } },
    ])}\n`;
    const proposal = await propose(text);
    expect(proposal.mapping).toEqual({
      form: 'jsonl',
      time: { column: 'ts', form: 'unix-ms' },
      scope: ['host', 'chips[].slot'],
      readings: [{ column: 'chips[].power.socket_w', field: 'power_w' }],
    });
    expect(hints(proposal)).toMatch(/"chips\[\].power.core_w" is power_w too/);
    const nameless = await propose(`${line([{ power_w: 1 }, { power_w: 2 }])}\n`);
    expect(nameless.mapping).not.toHaveProperty('scope');
    expect(open(nameless)).toContain('mapping.scope');
  });

  test.each([
    ['01-02-2026 10:00:00', undefined, ['mapping.time', 'timeZone', 'mapping.scopeId', 'boundary']],
    ['01-31-2026 10:00:00', 'month-first', ['timeZone', 'mapping.scopeId', 'boundary']],
    ['31/01/2026 10:00:00', 'day-first', ['timeZone', 'mapping.scopeId', 'boundary']],
    ['23:59:59', 'clock', ['startTime', 'timeZone', 'mapping.scopeId', 'boundary']],
    ['Sat Jan 31 12:00:00 2026', 'ctime', ['timeZone', 'mapping.scopeId', 'boundary']],
    ['1769860800.25', 'unix-s', ['mapping.scopeId', 'boundary']],
    ['1769860800000000', 'unix-us', ['mapping.scopeId', 'boundary']],
    ['1769860800000000000', 'unix-ns', ['mapping.scopeId', 'boundary']],
    ['2026-01-31T12:00:00+01:00', 'iso', ['mapping.scopeId', 'boundary']],
  ])('tells how %s is written, and never guesses day and month (nasty 40)', async (time, form, asked) => {
    const proposal = await propose(`when,power_w\n${time},150\n${time},151\n`);
    expect(proposal.mapping?.time?.form).toBe(form);
    expect(open(proposal)).toEqual(asked);
  });

  test('asks for the clock of a file of values alone (nasty 41)', async () => {
    const proposal = await propose('Board power (W)\n150\n151\n');
    expect(proposal.mapping).toEqual({
      form: 'csv',
      readings: [{ column: 'Board power (W)', field: 'power_w' }],
    });
    expect(open(proposal)).toEqual(['startTime, periodMs', 'mapping.scopeId', 'boundary']);
  });

  test('asks for the names of a table without a header', async () => {
    const proposal = await propose('1769860800,150\n1769860801,151\n');
    expect(proposal).toMatchObject({ mapping: null, columns: ['column1', 'column2'] });
    expect(open(proposal)).toContain('columns');
  });

  test('takes an energy that falls for no counter', async () => {
    const proposal = await propose('ts,chip,energy_j,power_w\n1769860800,a,5,1\n1769860801,a,4,1\n');
    expect(proposal.mapping?.readings?.map((r) => r.field)).toEqual(['power_w']);
    expect(hints(proposal)).toMatch(/"energy_j".*falls/);
  });

  test('tells milliwatts by their size, where no chip draws so many watts', async () => {
    const proposal = await propose('ts,chip,power\n1769860800,a,651000\n1769860801,a,650000\n');
    expect(proposal.mapping?.readings).toEqual([{ column: 'power', field: 'power_w', unit: 'mW' }]);
    expect(hints(proposal)).toMatch(/unit of "power".*taken for mW/);
  });

  test('of a training log has totals that rise, and no boundary to ask for', async () => {
    const proposal = await propose('step,tokens,loss,lr\n1,4096,2.5,0.1\n2,8192,2.6,0.1\n');
    expect(proposal.mapping).toEqual({
      form: 'csv',
      progress: { step: 'step', tokens: 'tokens', loss: 'loss' },
    });
    expect(open(proposal)).toEqual([]);
  });

  test('has units that stand in the cells alone', async () => {
    const proposal = await propose(
      'Time;chip 3;chip 4\n2026-01-31 13:00:00;900 W;1.2 kW\n2026-01-31 13:00:15;1.1 kW;1 kW\n',
    );
    expect(proposal.mapping?.readings).toEqual([
      { column: 'chip 3', field: 'power_w', scope: 'chip_3' },
      { column: 'chip 4', field: 'power_w', unit: 'kW', scope: 'chip_4' },
    ]);
  });

  test('takes numbered sensors of one chip for no scopes, and a large number for no time', async () => {
    const proposal = await propose(
      'ms,gpu,power_w,die_0_clk,die_1_clk,memory_used\n0,a,5,1980,1979,1769860800\n1,a,6,1980,1979,1769860801\n',
    );
    expect(proposal.mapping).toEqual({
      form: 'csv',
      scope: ['gpu'],
      readings: [
        { column: 'power_w', field: 'power_w' },
        { column: 'die_0_clk', field: 'clock_hz', unit: 'MHz' },
      ],
    });
  });

  test('passes over a column without a name', async () => {
    const proposal = await propose(',ts,chip,power_w\n0,1769860800,a,5\n1,1769860801,a,4\n');
    expect(proposal.mapping?.readings).toEqual([{ column: 'power_w', field: 'power_w' }]);
  });

  test('is none for a text that is no table', async () => {
    expect(await sampleOfText('hello\n', 'a.txt')).toBeNull();
    expect((await propose('a,b\nx,y\n')).mapping).toBeNull();
  });
});
