import { describe, expect, test } from 'vitest';
import { mappedCsv } from '../../../functions/core/telemetry/formats/mapped-csv.ts';
import type { FileRule } from '../../../functions/core/telemetry/manifest.ts';
import { type Proposal, proposeMapping } from '../../../functions/core/telemetry/map/proposal.ts';
import { sampleOfText } from '../../../functions/core/telemetry/map/sample.ts';
import { MappingSchema } from '../../../functions/core/telemetry/mapping.ts';
import { type RecordingSink, readText } from '../formats/recording-sink.ts';

const propose = async (text: string): Promise<Proposal> => {
  const sample = await sampleOfText(text, 'file.csv');
  if (!sample) throw new Error('no sample');
  return proposeMapping(sample, 'file.csv');
};
const open = ({ questions }: Proposal): string[] => questions.filter((q) => q.isOpen).map((q) => q.about);
const texts = ({ questions }: Proposal): string => questions.map((q) => q.text).join('\n');
/** The file as it is read by its own proposal, with answers to what was asked. */
async function readBack(text: string, answers: Omit<FileRule, 'pattern'> = {}): Promise<RecordingSink> {
  const { mapping } = await propose(text);
  if (!mapping) throw new Error('no mapping');
  return readText(mappedCsv, text, { rule: { ...answers, mapping: { scopeId: 'c1', ...mapping } } });
}
const readings = ({ mapping }: Proposal): string[] => (mapping?.readings ?? []).map(({ column }) => column);

const AT = Date.UTC(2026, 0, 31, 12);

describe('a proposal for files of other tools', () => {
  test('of a spreadsheet has the decimal comma and the date of its locale', async () => {
    const text =
      '\ufeffsep=;\r\nZeit;Chip;Leistung (W);Temp (°C)\r\n31.01.2026 12:00:00;A1;270,15;55,5\r\n31.01.2026 12:00:01;A1;1.271,15;55\r\n';
    const proposal = await propose(text);
    expect(proposal.mapping).toMatchObject({
      delimiter: ';',
      decimal: ',',
      time: { column: 'Zeit', form: 'day-first' },
      scope: ['Chip'],
    });
    const { samples, rejects } = await readBack(text, { timeZone: 'UTC' });
    expect(rejects).toEqual([]);
    expect(samples).toEqual([
      { scope: 'A1', timeMs: AT, values: { power_w: 270.15, temperature_c: 55.5 } },
      { scope: 'A1', timeMs: AT + 1000, values: { power_w: 1271.15, temperature_c: 55 } },
    ]);
  });

  test('of an instrument passes over its settings, and joins date and time of day', async () => {
    const text =
      'Model,X1\nSerial No.,42\nInterval,1s\n\nNo.,Date,Time,U[V],P[W],Q[var],LAMBDA\n1,2026/01/31,12:00:00,230,270,9,0.97\n2,2026/01/31,12:00:01,230,271,9,0.97\n';
    const proposal = await propose(text);
    expect(proposal.mapping?.time).toEqual({ column: ['Date', 'Time'], form: 'iso' });
    expect(open(proposal)).toContain('timeZone');
    const { samples, rejects } = await readBack(text.replace('P[W]', 'Power[W]'), { timeZone: 'UTC' });
    expect(rejects).toEqual([]);
    expect(samples.map(({ timeMs, values }) => [timeMs, values])).toEqual([
      [AT, { power_w: 270 }],
      [AT + 1000, { power_w: 271 }],
    ]);
  });

  test('takes the units of the line below the header', async () => {
    const text = 'time,power,energy\n(s),(mW),(kWh)\n1769860800,270000,1\n1769860801,271000,2\n';
    expect((await propose(text)).mapping).toMatchObject({
      time: { form: 'unix-s' },
      readings: [
        { column: 'power', unit: 'mW' },
        { column: 'energy', unit: 'kWh' },
      ],
    });
    const { samples, rows } = await readBack(text);
    expect(rows).toBe(2);
    expect(samples[0]?.values).toEqual({ power_w: 270, energy_j: 3.6e6 });
  });

  test.each([
    ['Time (s)', '0.0', '0.5', 'elapsed-s'],
    ['elapsed_ms', '0', '500', 'elapsed-ms'],
    ['Timestamp', '0.00000', '0.00025', 'elapsed-s'],
    ['elapsed', '00:00:00', '00:00:01', 'elapsed-s'],
  ])('takes %s from %s to %s for a time since a start, and asks for it', async (name, first, next, form) => {
    const proposal = await propose(`${name},power_w\n${first},270\n${next},271\n`);
    expect(proposal.mapping?.time).toEqual({ column: name, form });
    expect(open(proposal)).toEqual(['startTime', 'mapping.scopeId', 'boundary']);
  });

  test('of whole numbers without a unit says how to tell what they count', async () => {
    const proposal = await propose('time,power_w\n0,270\n1,271\n');
    expect(proposal.mapping).not.toHaveProperty('time');
    expect(texts(proposal)).toMatch(/"time" \("0"\).*\{"column":"time","form":"elapsed-s"\}/);
  });

  test('names the time that it cannot read, and offers no counting of rows of several scopes', async () => {
    const proposal = await propose('time,chip,power_w\n12h30,a,270\n12h31,a,271\n');
    expect(open(proposal)).toEqual(['mapping.time', 'boundary']);
    expect(texts(proposal)).toMatch(/"time" \("12h30"\) is no time/);
  });

  test('takes the index that pandas writes for the time', async () => {
    const text = ',power_w\n2026-01-31 12:00:00,270\n2026-01-31 12:00:01,271\n';
    expect((await propose(text)).mapping?.time).toEqual({ column: '', form: 'iso' });
    const { samples } = await readBack(text, { timeZone: 'UTC' });
    expect(samples.map(({ timeMs }) => timeMs)).toEqual([AT, AT + 1000]);
  });

  test('reads annotated CSV of InfluxDB', async () => {
    const text =
      '#group,false,false,true,false,false,true,true\n#datatype,string,long,dateTime:RFC3339,dateTime:RFC3339,double,string,string\n#default,_result,,,,,,\n,result,table,_start,_time,_value,_field,host\n,,0,2026-01-31T11:00:00Z,2026-01-31T12:00:00Z,271.5,power_watts,n01\n,,1,2026-01-31T11:00:00Z,2026-01-31T12:00:00Z,55,temp_c,n01\n';
    expect((await propose(text)).mapping).toMatchObject({
      time: { column: '_time', form: 'iso' },
      scope: ['host'],
      long: { metric: '_field', value: '_value' },
    });
    const { samples, rejects } = await readBack(text);
    expect(rejects).toEqual([]);
    expect(samples.map(({ scope, timeMs, values }) => [scope, timeMs, values])).toEqual([
      ['n01', AT, { power_w: 271.5 }],
      ['n01', AT, { temperature_c: 55 }],
    ]);
  });

  test('takes the unit of a long table from its column', async () => {
    const rows = ['power,270100,mW', 'temperature,55,C', 'power,271000,mW'];
    const { mapping } = await propose(
      `time,chip,metric,value,unit\n${rows.map((row) => `1769860800,a,${row}\n`).join('')}`,
    );
    expect(mapping?.long?.readings.power).toEqual({ field: 'power_w', unit: 'mW' });
  });

  test('reads one of several metrics of one field, and names the others', async () => {
    const proposal = await propose(
      'timestamp,sensor,reading\n2026-01-31T12:00:00Z,PSU1 Input Power,271\n2026-01-31T12:00:00Z,PSU2 Input Power,272\n',
    );
    expect(Object.keys(proposal.mapping?.long?.readings ?? {})).toEqual(['PSU1 Input Power']);
    expect(texts(proposal)).toMatch(/"PSU2 Input Power" is power_w too/);
  });

  test('keeps a summary below the rows from hiding the time', async () => {
    const { mapping } = await propose(
      'Time  User  Watts\n12:00:00  1.0  12.3\n12:00:10  1.1  12.4\n-----  ---  ----\nAverage  1.0  12.4\n',
    );
    expect(mapping?.time).toEqual({ column: 'Time', form: 'clock' });
  });

  test('takes a header of numbers for one where times stand below its first name', async () => {
    const proposal = await propose('Time,0,1\n1769860800.5,70,71\n1769860801.5,270,271\n');
    expect(open(proposal)).not.toContain('columns');
    expect(proposal.table.map(({ name }) => name)).toEqual(['Time', '0', '1']);
  });
});

describe('a file of which nothing is recognised', () => {
  test('gets the mapping that can be told, to go on from by hand', async () => {
    const proposal = await propose('Time,0,1\n1769860800.5,70,71\n1769860801.5,270,271\n');
    expect(proposal.mapping).toBeNull();
    const [, json = ''] = /so: (\{.*\})/.exec(texts(proposal)) ?? [];
    const mapping = MappingSchema.parse(JSON.parse(json));
    const sink = await readText(mappedCsv, 'Time,0,1\n1769860800.5,70,71\n', { rule: { mapping } });
    expect(sink.samples).toEqual([{ scope: '...', timeMs: 1_769_860_800_500, values: { power_w: 70 } }]);
  });
});

describe('what a proposal does not guess', () => {
  test('the unit of an energy', async () => {
    const proposal = await propose('ts,chip,power_w,energy\n1769860800,a,5,1\n1769860801,a,5,2\n');
    expect(readings(proposal)).toEqual(['power_w']);
    expect(texts(proposal)).toMatch(/Is "energy" \(1 to 2\) in J, .*"unit":"\.\.\."/);
  });

  test('the unit of the only energy, of which nothing else is left', async () => {
    const proposal = await propose('ts,chip,energy\n1769860800,a,1\n1769860801,a,2\n');
    expect(proposal.mapping).toBeNull();
    expect(open(proposal)).toEqual(['mapping.readings']);
  });

  test('but for a tool whose documentation says it', async () => {
    const proposal = await propose(
      'timestamp,duration,emissions,energy_consumed\n2026-01-31T12:00:00,1,0.1,0.5\n2026-01-31T12:00:01,2,0.2,0.6\n',
    );
    expect(proposal.mapping?.readings).toEqual([
      { column: 'energy_consumed', field: 'energy_j', unit: 'kWh' },
    ]);
  });

  test.each([
    [9_400, undefined],
    [700, {}],
    [250_000, { unit: 'mW' }],
    [15_000_000, undefined],
    [300_000_000, { unit: 'uW' }],
  ])('a power of %s: two units are as likely, or one is', async (power, unit) => {
    const proposal = await propose(`ts,chip,power\n1769860800,a,${power}\n1769860801,a,${power}\n`);
    expect(proposal.mapping?.readings).toEqual(unit && [{ column: 'power', field: 'power_w', ...unit }]);
  });

  test('a charge for a temperature, nor apparent power, a factor or hours for power', async () => {
    const names = [
      'charge (C)',
      'power (VA)',
      'reactive_power_var',
      'power_factor',
      'power_on_hours',
      'temp (F)',
    ];
    const row = names.map(() => '1.5').join(',');
    const proposal = await propose(
      `ts,power_w,${names.join(',')}\n1769860800,5,${row}\n1769860801,5,${row}\n`,
    );
    expect(readings(proposal)).toEqual(['power_w']);
  });

  test('how busy a GPU is for which one it is', async () => {
    const busy = [3, 99, 98, 12, 99, 97, 3, 45];
    const text = (gpus: readonly number[]): string =>
      `ts,GPU,power_w\n${gpus.map((gpu, i) => `${1_769_860_800 + i},${gpu},5\n`).join('')}`;
    expect((await propose(text(busy))).mapping).not.toHaveProperty('scope');
    expect((await propose(text([0, 1, 2, 3, 0, 1, 2, 3]))).mapping?.scope).toEqual(['GPU']);
    expect((await propose(text([0, 0, 0, 0, 1, 1, 1, 1]))).mapping?.scope).toEqual(['GPU']);
  });

  test('energies of parts that are none of the scopes', async () => {
    const proposal = await propose('ts,P1[W],P2[W],WP1[Wh]\n1769860800,1,2,3\n1769860801,1,2,4\n');
    expect(readings(proposal)).toEqual(['P1[W]', 'P2[W]']);
    expect(texts(proposal)).toMatch(/"WP1\[Wh\]" is energy_j, but of none of the scopes/);
  });

  test('which of two columns of one name is meant', async () => {
    const proposal = await propose('ts,power_w,power_w,temp_c\n1769860800,1,2,3\n1769860801,1,2,3\n');
    expect(readings(proposal)).toEqual(['temp_c']);
    expect(texts(proposal)).toMatch(/"power_w" stands twice/);
  });
});
