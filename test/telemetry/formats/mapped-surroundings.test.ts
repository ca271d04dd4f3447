import { describe, expect, test } from 'vitest';
import { mappedCsv } from '../../../functions/core/telemetry/formats/mapped-csv.ts';
import { type Mapping, MappingSchema } from '../../../functions/core/telemetry/mapping.ts';
import { readText } from './recording-sink.ts';

type Part = Partial<Mapping>;
const POWER: Part = { readings: [{ column: 'power', field: 'power_w' }] };
const rule = (mapping: Part, more: Record<string, string> = {}) => ({
  ...more,
  mapping: MappingSchema.parse({
    form: 'csv',
    time: { column: 'time', form: 'iso' },
    scopeId: 'c1',
    ...POWER,
    ...mapping,
  }),
});
const read = async (text: string, mapping: Part = {}, more: Record<string, string> = {}) => {
  const { samples, rejects, notes, rows } = await readText(mappedCsv, text, { rule: rule(mapping, more) });
  return { samples: samples.map(({ timeMs, values }) => [timeMs, values.power_w]), rejects, notes, rows };
};
const AT = Date.UTC(2026, 0, 31, 12);
const iso = (time: NonNullable<Mapping['time']>): Part => ({ time });

describe('what stands around a table', () => {
  const ROWS = '2026-01-31T12:00:00Z,250\n2026-01-31T12:00:01Z,251\n';

  test('passes over the titles and settings that an instrument writes above the header, with a note', async () => {
    const text = `Board export\nModel,X1\n"Serial, No",42\n\ntime,power\n${ROWS}`;
    const { samples, rejects, notes, rows } = await read(text);
    expect(samples).toEqual([
      [AT, 250],
      [AT + 1000, 251],
    ]);
    expect({ rejects, rows }).toEqual({ rejects: [], rows: 2 });
    expect(notes).toMatchObject([{ code: 'preamble', message: '3 lines above the header are passed over' }]);
  });

  test('refuses a file without the header, by the line that is nearest to it', async () => {
    await expect(read(`Board export\ntime,watts\n${ROWS}`)).rejects.toMatchObject({
      code: 'column-missing',
      message: expect.stringMatching(/names "power".*it has "time", "watts"/),
    });
  });

  test('does not search for a header without end', async () => {
    const prose = 'a line of prose\n'.repeat(600);
    await expect(read(`${prose}time,power\n${ROWS}`)).rejects.toMatchObject({ code: 'column-missing' });
  });

  test.each(['s,W', ',(W)', '[s],[W]'])('passes over the units %s below the header', async (units) => {
    const { samples, rejects, rows } = await read(`time,power\n${units}\n${ROWS}`);
    expect(samples).toHaveLength(2);
    expect({ rejects, rows }).toEqual({ rejects: [], rows: 2 });
  });

  test('refuses units below the header that the mapping contradicts', async () => {
    await expect(read(`time,power\n,mW\n${ROWS}`)).rejects.toMatchObject({
      code: 'mapping-unit',
      message: expect.stringContaining('"mW" for "power"'),
    });
  });

  test('rejects a line of units further down', async () => {
    const { rejects, samples } = await read(`time,power\n2026-01-31T12:00:00Z,x\n${ROWS}s,W\n`);
    expect(samples).toHaveLength(2);
    expect(rejects.map(({ line }) => line)).toEqual([2, 5]);
  });
});

describe('numbers with a decimal comma', () => {
  const MAPPING: Part = { delimiter: ';', decimal: ',' };

  test.each([
    ['250,5', 250.5],
    ['1.250,5', 1250.5],
    ['-0', 0],
    ['250', 250],
    ['250,5 W', 250.5],
    ['2,5e2', 250],
  ])('reads %s', async (text, watts) => {
    const { samples } = await read(`time;power\n2026-01-31T12:00:00Z;${text}\n`, MAPPING);
    expect(samples).toEqual([[AT, watts === 0 ? expect.closeTo(0) : watts]]);
  });

  test.each(['1.250', '250.5'])('rejects %s, which could be a thousand times as much', async (text) => {
    const { samples, rejects } = await read(`time;power\n2026-01-31T12:00:00Z;${text}\n`, MAPPING);
    expect(samples).toEqual([]);
    expect(rejects).toMatchObject([{ column: 'power', reason: 'number', line: 2 }]);
  });
});

describe('times of other loggers', () => {
  test.each([
    ['iso', '2026/1/31 12:00'],
    ['iso', '2026-01-31 12:00'],
    ['iso', '20260131T120000Z'],
    ['iso', '2026-01-31 14:00:00+02'],
    ['iso', '2026-01-31 07:00:00 -0500'],
    ['month-first', '1/31/2026 12:00:00 PM'],
    ['month-first', '1/31/2026, 12:00 PM'],
    ['day-first', '31.1.2026 12:00:00'],
    ['day-first', '31.01.2026 12:00'],
    ['ctime', '31-Jan-2026 12:00:00'],
    ['ctime', 'January 31, 2026 12:00 pm'],
    ['ctime', 'Sat, 31 Jan 2026 12:00:00 GMT'],
  ] as const)('reads %s %s', async (form, text) => {
    const { samples } = await read(
      `time;power\n${text};250\n`,
      {
        delimiter: ';',
        ...iso({ column: 'time', form }),
      },
      { timeZone: 'UTC' },
    );
    expect(samples).toEqual([[AT, 250]]);
  });

  test.each([
    ['iso', '2026-13-31 12:00'],
    ['iso', '2026/1-31 12:00'],
    ['month-first', '31/1/2026 12:00'],
    ['month-first', '1/31/2026 13:00 PM'],
    ['month-first', '1/31/2026 0:00 AM'],
    ['day-first', '31.02.2026 12:00'],
    ['day-first', '31.01.26 12:00'],
    ['iso', '2026-01-31 12:60'],
    ['iso', '2026-01-31 12:00:00 CEST'],
    ['ctime', '31-Jän-2026 12:00:00'],
    ['ctime', '31-Mrz-2026 12:00:00'],
  ] as const)('rejects %s %s', async (form, text) => {
    const { samples, rejects } = await read(
      `time;power\n${text};250\n`,
      {
        delimiter: ';',
        ...iso({ column: 'time', form }),
      },
      { timeZone: 'UTC' },
    );
    expect(samples).toEqual([]);
    expect(rejects).toMatchObject([{ reason: 'time-stamp', column: 'time' }]);
  });

  test('asks for the zone of a loose time too', async () => {
    await expect(read('time,power\n2026/1/31 12:00,250\n')).rejects.toMatchObject({
      code: 'time-zone-missing',
    });
  });

  test('joins a date and a time of day, in the order of the mapping', async () => {
    const { samples } = await read(
      'clock,power,day\n12:00:00,250,31.01.2026\n12:00:01,251,31.01.2026\n',
      iso({ column: ['day', 'clock'], form: 'day-first' }),
      { timeZone: 'UTC' },
    );
    expect(samples).toEqual([
      [AT, 250],
      [AT + 1000, 251],
    ]);
  });

  test.each([
    ['elapsed-s', '0.5', 500],
    ['elapsed-s', '00:01:30.5', 90_500],
    ['elapsed-s', '1 days 00:00:00', 86_400_000],
    ['elapsed-ms', '500', 500],
    ['elapsed-us', '500', 0.5],
    ['elapsed-ns', '1000000', 1],
  ] as const)('counts %s %s from the start', async (form, text, ms) => {
    const { samples } = await read(`time,power\n${text},250\n`, iso({ column: 'time', form }), {
      startTime: '2026-01-31T12:00:00Z',
    });
    expect(samples).toEqual([[AT + ms, 250]]);
  });

  test('asks when the start was', async () => {
    await expect(
      read('time,power\n0.5,250\n', iso({ column: 'time', form: 'elapsed-s' })),
    ).rejects.toMatchObject({ code: 'start-time-missing' });
  });

  test('rejects a time before the start', async () => {
    const { rejects } = await read('time,power\n-1,250\n', iso({ column: 'time', form: 'elapsed-s' }), {
      startTime: '2026-01-31T12:00:00Z',
    });
    expect(rejects).toMatchObject([
      { reason: 'time-stamp', expected: expect.stringMatching(/since the start/) },
    ]);
  });
});
