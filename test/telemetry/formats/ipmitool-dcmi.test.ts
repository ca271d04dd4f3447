import { describe, expect, test } from 'vitest';
import { ipmitoolDcmi } from '../../../functions/core/telemetry/formats/ipmitool-dcmi.ts';
import { FORMATS } from '../../../functions/core/telemetry/formats/registry.ts';
import { type RecordingSink, readText } from './recording-sink.ts';

const START = '2026-01-31T12:00:00Z';
const RULE = { startTime: START, periodMs: 5_000, timeZone: 'UTC', node: 'n1' };
const UNSET = 'Thu Jan  1 00:00:00 1970';

const block = (watts: number | string, time = 'Sat Jan 31 12:49:51 2026', state = 'activated'): string => `
    Instantaneous power reading:                   ${watts} Watts
    Minimum during sampling period:                 18 Watts
    Maximum during sampling period:                432 Watts
    Average power reading over sample period:      187 Watts
    IPMI timestamp:                           ${time}
    Sampling period:                          01131466 Seconds.
    Power reading state is:                   ${state}

`;
const free = `Current Power                        : 90 Watts
Minimum Power over sampling duration : 86 watts
Average Power over sampling duration : 92 watts
Time Stamp                           : 08/03/2018 - 13:15:03
Statistics reporting time period     : 2000 milliseconds
Power Measurement                    : Active
`;
const powers = (sink: RecordingSink) =>
  sink.samples.map((s) => [s.scope, new Date(s.timeMs).toISOString(), s.values.power_w]);

describe('ipmitool dcmi power reading', () => {
  test('is of the host, at the time of its BMC; where it measures is not said', async () => {
    const sink = await readText(ipmitoolDcmi, block(215), { rule: RULE });
    expect(powers(sink)).toEqual([['n1', '2026-01-31T12:49:51.000Z', 215]]);
    expect(sink.facts.n1).toEqual({ kind: 'node' });
  });
  test('a line of blanks costs no more than its length', async () => {
    const begun = performance.now();
    const sink = await readText(ipmitoolDcmi, block(215, `Sat${' '.repeat(200_000)}x`), { rule: RULE });
    // In a pattern that tries every blank anew this takes minutes.
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(sink.rejects).toHaveLength(1);
  });
  test('the words of FreeIPMI, month first', async () => {
    expect(powers(await readText(ipmitoolDcmi, free, { rule: RULE }))).toEqual([
      ['n1', '2018-08-03T13:15:03.000Z', 90],
    ]);
  });
  test('0 W of a reading that is off is none, 360 W of one is, at the time of the rule (nasty 6)', async () => {
    const text = [0, 360, 0, 361].map((watts) => block(watts, UNSET, 'deactivated')).join('');
    for (const chunk of [1, 65_536]) {
      const sink = await readText(ipmitoolDcmi, text, { rule: RULE, chunk });
      expect(powers(sink)).toEqual([
        ['n1', '2026-01-31T12:00:05.000Z', 360],
        ['n1', '2026-01-31T12:00:15.000Z', 361],
      ]);
      expect([sink.rows, sink.rejects]).toEqual([4, []]);
      expect(sink.notes.map((n) => n.code)).toEqual(['power-reading-off', 'power-reading-off']);
    }
  });
  test('0 W of a reading that is on is 0 W', async () => {
    expect(powers(await readText(ipmitoolDcmi, block(0), { rule: RULE })).map((p) => p[2])).toEqual([0]);
  });
  test('what needs a fact that is not there is refused by name', async () => {
    await expect(readText(ipmitoolDcmi, block(5))).rejects.toMatchObject({ code: 'time-zone-missing' });
    await expect(readText(ipmitoolDcmi, block(5, UNSET))).rejects.toMatchObject({
      code: 'start-time-missing',
    });
    expect((await readText(ipmitoolDcmi, block(0, UNSET, 'deactivated'))).samples).toEqual([]);
  });
  test('a host is called by its file where nothing else names it', async () => {
    const sink = await readText(ipmitoolDcmi, block(5), { path: 'node7.txt', rule: { timeZone: 'UTC' } });
    expect(sink.samples.map((s) => s.scope)).toEqual(['node7']);
  });
  test.each([
    ['a power that is none', block('many'), 'number'],
    ['a power beyond any host', block(300_000), 'range'],
    ['a time that is none', block(5, 'yesterday'), 'time-stamp'],
  ])('%s is rejected', async (_name, text, reason) => {
    const sink = await readText(ipmitoolDcmi, text, { rule: RULE });
    expect(sink.rejects.map((r) => [r.line, r.reason])).toEqual([[2, reason]]);
  });
  test.each([
    ['ipmitool', block(1)],
    ['FreeIPMI', free],
  ])('%s is recognised, by one format', (_name, head) => {
    expect(FORMATS.filter((f) => f.sniff(head, 'power.txt')).map((f) => f.id)).toEqual(['ipmitool-dcmi']);
  });
});
