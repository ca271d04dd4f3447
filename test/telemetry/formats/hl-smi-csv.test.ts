import { describe, expect, test } from 'vitest';
import { hlSmiCsv } from '../../../functions/core/telemetry/formats/hl-smi-csv.ts';
import { FORMATS } from '../../../functions/core/telemetry/formats/registry.ts';
import { readText } from './recording-sink.ts';

const UUID = '01P4-HL3090A0-18-U4V193-22-07-00';
const START = '2026-01-31T12:00:00Z';
const HEADER = 'index, uuid, name, power.draw [W], power.max [W], temperature.aip [C], utilization.aip [%]';
const UNITS = `0, ${UUID}, HL-325L, 226 W, 850 W, 36 C, 5 %`;
const BARE = `0, ${UUID}, HL-325L, 226, 850, 36, 5`;
const VALUES = { power_w: 226, temperature_c: 36, utilization_ratio: 0.05 };

describe('the four ways in which hl-smi prints', () => {
  const columns = ['index', 'uuid', 'name', 'power.draw', 'power.max', 'temperature.aip', 'utilization.aip'];
  test.each([
    ['units', `${HEADER}\n${UNITS}\n`, {}],
    ['nounits', `${HEADER}\r\n${BARE}\r\n`, {}],
    ['noheader', UNITS, { columns }],
    ['noheader and nounits', BARE, { columns }],
  ])('%s', async (_name, text, rule) => {
    for (const chunk of [1, 65_536]) {
      const sink = await readText(hlSmiCsv, text, { rule: { ...rule, startTime: START }, chunk });
      expect(sink.samples).toEqual([{ scope: UUID, timeMs: Date.parse(START), values: VALUES }]);
      expect([sink.rows, sink.rejects]).toEqual([1, []]);
      expect(sink.facts).toEqual({ [UUID]: { kind: 'chip', boundary: 'chip' } });
    }
  });
});

describe('a time', () => {
  test.each([
    ['2026/01/31 12:00:00.500', 'UTC', 500],
    ['Sat Jan 31 13:00:00 2026', '+01:00', 0],
    ['1769860800', undefined, 0],
  ])('%s', async (time, timeZone, afterMs) => {
    const text = `timestamp, ${HEADER}\n${time}, ${UNITS}\n`;
    const rule = timeZone === undefined ? {} : { timeZone };
    const sink = await readText(hlSmiCsv, text, { rule });
    expect(sink.samples.map(({ timeMs }) => timeMs - Date.parse(START))).toEqual([afterMs]);
  });
  test('that is local needs its zone', async () => {
    const text = `timestamp, ${HEADER}\n2026/01/31 12:00:00.500, ${UNITS}\n`;
    await expect(readText(hlSmiCsv, text)).rejects.toMatchObject({ code: 'time-zone-missing' });
  });
});

test.each([
  ['a header', `${HEADER}\n${UNITS}`],
  ['a row alone', UNITS],
  ['the header of an older tool', 'name, uuid, power.draw [W], temperature.aip [C]\nHL-205, x, 102, 29'],
])('exactly one format recognises %s', (_name, head) => {
  expect(FORMATS.filter((f) => f.sniff(head, 'x.csv')).map((f) => f.id)).toEqual(['hl-smi-csv']);
});
