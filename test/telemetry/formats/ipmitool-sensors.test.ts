import { describe, expect, test } from 'vitest';
import { ipmitoolDcmi } from '../../../functions/core/telemetry/formats/ipmitool-dcmi.ts';
import { FORMATS } from '../../../functions/core/telemetry/formats/registry.ts';
import { type RecordingSink, readText } from './recording-sink.ts';

const RULE = { startTime: '2026-01-31T12:00:00Z', periodMs: 5_000, timeZone: '+01:00', node: 'n1' };
const read = (sink: RecordingSink) =>
  sink.samples.map((s) => [s.scope, new Date(s.timeMs).toISOString(), s.values.power_w]);

const SENSOR = `CPU1 Temp        | 42.000     | degrees C  | ok    | na        | na        | na        | 86.000    | 91.000    | na
PSU1 Status      | 0x0        | discrete   | 0x0100| na        | na        | na        | na        | na        | na
PSU1_PIn         | 114.000    | Watts      | ok    | na        | na        | na        | na        | 1500.000  | na
Pwr Consumption  | 142.000    | Watts      | ok    | na        | na        | na        | 896.000   | 960.000   | na
`;

describe("ipmitool's lists of sensors", () => {
  test.each([
    ['sensor', SENSOR, 142],
    ['sdr', 'Inlet Temp       | 21 degrees C      | ok\nPower Meter      | 182 Watts         | ok\n', 182],
    ['sdr elist', 'Sys Power        | 77h | ok  |  7.1 | 183 Watts\n', 183],
    ['-c sdr', 'Inlet Temp,21,degrees C,ok\nTotal_Power,184,Watts,ok\n', 184],
    ['-c sdr elist', 'Power,77h,ok,7.1,185 Watts\n', 185],
  ])('%s: the power of the host, by the clock of the rule', async (_name, text, watts) => {
    expect(FORMATS.filter((f) => f.sniff(text, 'a.txt')).map((f) => f.id)).toEqual(['ipmitool-dcmi']);
    const sink = await readText(ipmitoolDcmi, text, { rule: RULE });
    expect(read(sink)).toEqual([['n1', '2026-01-31T12:00:00.000Z', watts]]);
    expect(sink.facts.n1).toEqual({ kind: 'node' });
  });
  test('a poll without a reading is none, and takes its time', async () => {
    const none = SENSOR.replace('142.000', 'na     ').replace(/(Pwr.*Watts {6}\| )ok/, '$1na');
    const sink = await readText(ipmitoolDcmi, SENSOR + none + SENSOR, { rule: RULE });
    expect(read(sink).map((r) => r[1])).toEqual(['2026-01-31T12:00:00.000Z', '2026-01-31T12:00:10.000Z']);
    expect(sink.rows).toBe(3);
  });
  test('parts are left out, and so is a second name of the host', async () => {
    const text = `${SENSOR}SYS_POWER | 150.000 | Watts | ok | na | na | na | na | na | na\n`;
    const sink = await readText(ipmitoolDcmi, text, { rule: RULE });
    expect(read(sink).map((r) => r[2])).toEqual([142]);
    expect(sink.notes.map((n) => n.message.split(' ')[0])).toEqual(['PSU1_PIn', 'SYS_POWER']);
  });
  test('without a time and a rule for it the file is refused', async () => {
    await expect(readText(ipmitoolDcmi, SENSOR)).rejects.toMatchObject({ code: 'start-time-missing' });
  });
});

describe('times of a power reading', () => {
  const block = (watts: number, time: string): string =>
    `    Instantaneous power reading:                   ${watts} Watts
    IPMI timestamp:                           ${time}
    Power reading state is:                   activated\n\n`;
  test.each([
    ['ipmitool since 1.8.19', '02/15/24 08:36:01 UTC', '2024-02-15T08:36:01.000Z'],
    ['the same in another zone, which the rule knows', '02/15/2024 08:36:01 CET', '2024-02-15T07:36:01.000Z'],
    ['the same with halves of a day', '02/15/2024 12:36:01 AM UTC', '2024-02-15T00:36:01.000Z'],
    ['the same in the afternoon', '02/15/2024 01:36:01 PM UTC', '2024-02-15T13:36:01.000Z'],
    ['a clock that was never set', 'S+ 00:10:00', '2026-01-31T12:00:00.000Z'],
    ['no time', 'Unspecified', '2026-01-31T12:00:00.000Z'],
  ])('%s', async (_name, time, expected) => {
    expect(read(await readText(ipmitoolDcmi, block(332, time), { rule: RULE }))).toEqual([
      ['n1', expected, 332],
    ]);
  });
  test('ipmiutil', async () => {
    const text = `ipmiutil dcmi ver 3.17
  Current Power:                   49 Watts
  Timestamp:                       Thu Feb 15 09:37:32 2024

  Power reading state is:          active\n`;
    expect(read(await readText(ipmitoolDcmi, text, { rule: RULE }))).toEqual([
      ['n1', '2024-02-15T08:37:32.000Z', 49],
    ]);
  });
  test.each([
    ['date', 'Thu Feb 15 08:36:10 UTC 2024'],
    ['date -Iseconds', '2024-02-15T08:36:10+00:00'],
    ['date +%s', '1707986170'],
  ])("what %s printed before a block stands for a BMC's clock that was never set", async (_name, stamp) => {
    const text = `${stamp}\n${block(332, 'Thu Jan  1 00:00:00 1970')}`;
    const sink = await readText(ipmitoolDcmi, text, { rule: { node: 'n1' } });
    expect(read(sink)).toEqual([['n1', '2024-02-15T08:36:10.000Z', 332]]);
  });
});
