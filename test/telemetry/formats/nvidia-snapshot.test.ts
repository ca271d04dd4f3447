import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nvidiaSmiQ } from '../../../functions/core/telemetry/formats/nvidia-smi-q.ts';
import { nvidiaSmiXml } from '../../../functions/core/telemetry/formats/nvidia-smi-xml.ts';
import { FORMATS } from '../../../functions/core/telemetry/formats/registry.ts';
import { hasSamples, SAMPLES } from '../../shared.ts';
import { readText } from './recording-sink.ts';

const UUID = 'GPU-9a9a6c50-2a47-2f51-a902-b82c3b127e94';
const zone = { timeZone: 'UTC' };

const gpuXml = (inner: string, uuid = UUID): string =>
  `<gpu id="00000000:4F:00.0"><mig_devices>None</mig_devices><uuid>${uuid}</uuid>${inner}</gpu>`;
const document = (gpus: string, time = 'Fri Aug  4 11:44:30 2023'): string =>
  `<?xml version="1.0" ?>\n<!DOCTYPE nvidia_smi_log SYSTEM "nvsmi_device_v12.dtd">\n<nvidia_smi_log>\n` +
  `<timestamp>${time}</timestamp>\n${gpus}\n</nvidia_smi_log>\n`;
const AT = Date.UTC(2023, 7, 4, 11, 44, 30);

describe('nvidia-smi -q -x', () => {
  test.each([
    ['v11', '<power_readings><power_draw>25.58 W</power_draw></power_readings>', 25.58],
    ['v12', '<gpu_power_readings><power_draw>67.03 W</power_draw></gpu_power_readings>', 67.03],
    [
      'v13',
      '<gpu_power_readings><average_power_draw>139.62 W</average_power_draw><instant_power_draw>142.33 W</instant_power_draw></gpu_power_readings>',
      139.62,
    ],
    [
      'v13 without an average',
      '<gpu_power_readings><average_power_draw>N/A</average_power_draw><instant_power_draw>142.33 W</instant_power_draw></gpu_power_readings>',
      142.33,
    ],
  ])('finds the power of DTD %s (nasty 30)', async (_name, inner, powerW) => {
    const sink = await readText(nvidiaSmiXml, document(gpuXml(inner)), { rule: zone });
    expect(sink.samples).toEqual([{ scope: UUID, timeMs: AT, values: { power_w: powerW } }]);
    expect(sink.facts[UUID]).toEqual({ kind: 'chip', boundary: 'chip' });
    expect(sink.notes).toMatchObject([{ code: 'power-kind' }]);
  });

  test('the power of a Grace-Hopper module holds its CPU: left out beside the GPU, else of its own boundary (nasty 15)', async () => {
    const module = '<module_power_readings><power_draw>700.00 W</power_draw></module_power_readings>';
    const both = `<gpu_power_readings><power_draw>410.00 W</power_draw></gpu_power_readings>${module}`;
    const beside = await readText(nvidiaSmiXml, document(gpuXml(both)), { rule: zone });
    expect(beside.samples[0]?.values).toEqual({ power_w: 410 });
    expect(beside.facts[UUID]).toMatchObject({ boundary: 'chip' });
    expect(beside.notes).toContainEqual(expect.objectContaining({ code: 'module-power', severity: 'info' }));
    const alone = await readText(nvidiaSmiXml, document(gpuXml(module)), { rule: zone });
    expect(alone.samples[0]?.values).toEqual({ power_w: 700 });
    expect(alone.facts[UUID]).toMatchObject({ boundary: 'module' });
    expect(alone.notes).toContainEqual(
      expect.objectContaining({ code: 'module-power', severity: 'warning' }),
    );
  });

  test('the instances of a GPU add nothing to it (nasty 11, nasty 12)', async () => {
    const mig =
      '<mig_devices><mig_device><index>0</index><power_readings><power_draw>52.6 W</power_draw></power_readings></mig_device></mig_devices>' +
      '<utilization><gpu_util>N/A</gpu_util></utilization><power_readings><power_draw>470.24 W</power_draw></power_readings>';
    const sink = await readText(nvidiaSmiXml, document(gpuXml(mig)), { rule: zone });
    expect(sink.samples).toMatchObject([{ scope: UUID, values: { power_w: 470.24 } }]);
  });

  test('documents follow one another; a cut one loses only its last GPU (nasty 48, nasty 53)', async () => {
    const power = (w: number): string =>
      `<power_readings><power_draw>${w}.00 W</power_draw></power_readings>`;
    const second = document(
      gpuXml(power(20)) + gpuXml(power(30), 'GPU-00000000-0000-0000-0000-00000000000A'),
      'Fri Aug  4 11:44:31 2023',
    );
    const cut = second.slice(0, second.lastIndexOf('30.00 W'));
    const third = document(gpuXml(power(40)), 'Fri Aug  4 11:44:32 2023');
    const sink = await readText(nvidiaSmiXml, document(gpuXml(power(10))) + cut + third + cut, {
      rule: zone,
    });
    expect(sink.samples.map((s) => [(s.timeMs - AT) / 1000, s.values.power_w])).toEqual([
      [0, 10],
      [1, 20],
      [2, 40],
      [1, 20],
    ]);
    expect(sink.rejects.map((r) => r.reason)).toEqual(['cut', 'cut']);
    expect(sink.rows).toBe(6);
    expect(sink.rejects[0]?.line).toBe(11);
  });

  test('what is missing is missing, whatever it is called (nasty 10)', async () => {
    const words = [
      'N/A',
      'Requested functionality has been deprecated',
      'Unknown Error',
      'GPU is lost',
      'ERR!',
    ];
    for (const word of words) {
      const inner = `<power_readings><power_draw>${word}</power_draw></power_readings><temperature><gpu_temp>27 C</gpu_temp></temperature>`;
      const sink = await readText(nvidiaSmiXml, document(gpuXml(inner)), { rule: zone });
      expect([sink.rejects, sink.samples[0]?.values]).toEqual([[], { temperature_c: 27 }]);
    }
  });

  test.each([
    ['a number without its unit', '<temperature><gpu_temp>27</gpu_temp></temperature>', 'number'],
    ['a number of another unit', '<power_readings><power_draw>27 mW</power_draw></power_readings>', 'number'],
    ['a number beyond reason', '<power_readings><power_draw>369000 W</power_draw></power_readings>', 'range'],
  ])('rejects %s', async (_name, inner, reason) => {
    const sink = await readText(nvidiaSmiXml, document(gpuXml(inner)), { rule: zone });
    expect([sink.samples, sink.rejects.map((r) => r.reason)]).toEqual([[], [reason]]);
  });

  test('reasons and their counters, ECC errors of both generations', async () => {
    const inner =
      '<clocks_throttle_reasons><clocks_throttle_reason_sw_power_cap>Active</clocks_throttle_reason_sw_power_cap>' +
      '<clocks_throttle_reason_hw_slowdown>Not Active</clocks_throttle_reason_hw_slowdown></clocks_throttle_reasons>' +
      '<clocks_event_reasons_counters><clocks_event_reasons_counters_sw_power_cap>1500000 us</clocks_event_reasons_counters_sw_power_cap>' +
      '<clocks_event_reasons_counters_hw_power_brake>500000 us</clocks_event_reasons_counters_hw_power_brake></clocks_event_reasons_counters>' +
      '<ecc_errors><volatile><sram_uncorrectable_parity>1</sram_uncorrectable_parity><dram_uncorrectable>2</dram_uncorrectable>' +
      '<single_bit><total>7</total></single_bit></volatile><aggregate><dram_uncorrectable>99</dram_uncorrectable></aggregate></ecc_errors>';
    const sink = await readText(nvidiaSmiXml, document(gpuXml(inner)), { rule: zone });
    expect(sink.samples[0]?.values).toEqual({
      throttled_power_ratio: 1,
      throttled_other_ratio: 0,
      throttled_power_s: 2,
      ecc_corrected_total: 7,
      ecc_uncorrected_total: 3,
    });
  });

  test('local times are refused without a zone, documents without times without a start (nasty 35)', async () => {
    const gpu = gpuXml('<power_readings><power_draw>1.00 W</power_draw></power_readings>');
    await expect(readText(nvidiaSmiXml, document(gpu))).rejects.toMatchObject({ code: 'time-zone-missing' });
    const untimed = document(gpu).replace(/<timestamp>.*<\/timestamp>/, '');
    await expect(readText(nvidiaSmiXml, untimed)).rejects.toMatchObject({ code: 'start-time-missing' });
    const rule = { startTime: '2023-08-04T11:44:30Z', periodMs: 500 };
    const { samples } = await readText(nvidiaSmiXml, untimed + untimed, { rule });
    expect(samples.map((s) => s.timeMs)).toEqual([AT, AT + 500]);
  });

  test('comments, entities and other elements do no harm; no entity of a DTD is expanded', async () => {
    const bomb = '<!DOCTYPE nvidia_smi_log [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>';
    const inner =
      '<!-- <uuid>GPU-no</uuid> > --><product_name>A &amp; B</product_name><power_readings><power_draw>5.00 W</power_draw></power_readings>';
    const text = document(gpuXml(inner)).replace(/<!DOCTYPE.*>/, bomb);
    const sink = await readText(nvidiaSmiXml, text, { rule: zone });
    expect(sink.samples).toMatchObject([{ scope: UUID, values: { power_w: 5 } }]);
    const expanded = await readText(nvidiaSmiXml, text.replace('5.00 W', '&b;'), { rule: zone });
    expect(expanded.rejects).toMatchObject([{ reason: 'number' }]);
  });

  test('an endless tag is refused', async () => {
    const text = `${document('')}<gpu ${'x'.repeat(70_000)}`;
    await expect(readText(nvidiaSmiXml, text, { rule: zone, chunk: 1000 })).rejects.toMatchObject({
      code: 'xml-token-too-long',
    });
  });

  test('any chunk and UTF-16 give the same (nasty 50)', async () => {
    const text = document(
      gpuXml('<!-- -- > --><power_readings><power_draw>25.58 W</power_draw></power_readings>'),
    ).repeat(2);
    const plain = await readText(nvidiaSmiXml, text, { rule: zone });
    expect(plain.samples).toHaveLength(2);
    for (const bytes of [Buffer.from(text), Buffer.from(`\ufeff${text}`, 'utf16le')])
      for (const chunk of [1, 2, 3, 17])
        expect((await readText(nvidiaSmiXml, bytes, { rule: zone, chunk })).calls).toEqual(plain.calls);
  });
});

const Q = `
==============NVSMI LOG==============

Timestamp                                              : Fri Aug  4 11:44:30 2023
Driver Version                                         : 590.48.01

Attached GPUs                                          : 2
GPU 00000000:4F:00.0
    GPU UUID                                           : GPU-9A9A6C50-2a47-2f51-a902-b82c3b127e94
    Clocks Event Reasons
        HW Slowdown                                    : Active
            HW Thermal Slowdown                        : Active
        SW Power Cap                                   : Not Active
    GPU Power Readings
        Average Power Draw                             : 629.45 W
        Instantaneous Power Draw                       : 588.39 W
    GPU Memory Power Readings 
        Average Power Draw                             : 85.83 W
    Clocks
        SM                                             : 1980 MHz
    Max Clocks
        SM                                             : 2100 MHz
GPU 00000000:50:00.0
    GPU Power Readings
        Power Draw                                     : 12.00 W
`;

describe('nvidia-smi -q', () => {
  test('gives what the XML gives; a GPU without UUID has its bus id, on its host', async () => {
    const sink = await readText(nvidiaSmiQ, Q, { rule: { ...zone, node: 'n3' } });
    expect(sink.samples).toEqual([
      {
        scope: UUID,
        timeMs: AT,
        values: {
          power_w: 629.45,
          clock_hz: 1.98e9,
          throttled_power_ratio: 0,
          throttled_thermal_ratio: 1,
          throttled_other_ratio: 1,
        },
      },
      { scope: 'n3/00000000:50:00.0', timeMs: AT, values: { power_w: 12 } },
    ]);
  });

  test('in a loop gives one sample a GPU and time, in any chunks', async () => {
    const loop = `${Q}${Q.replace('11:44:30', '11:44:35')}`;
    const sink = await readText(nvidiaSmiQ, loop.replaceAll('\n', '\r\n'), { rule: zone, chunk: 1 });
    expect(sink.samples.map((s) => s.timeMs - AT)).toEqual([0, 0, 5000, 5000]);
  });

  test('names GPUs as the first drivers did, and passes over what stands before the log', async () => {
    const old = Q.replace('00000000:50:00.0', '0:5:0');
    const sink = await readText(nvidiaSmiQ, `on host n3:\n${old}`, { rule: zone });
    expect(sink.samples.map((s) => s.scope)).toEqual([UUID, '0:5:0']);
  });

  test('a value that is cut is none', async () => {
    const sink = await readText(nvidiaSmiQ, Q.slice(0, Q.indexOf('5 W')), { rule: zone });
    expect([sink.samples, sink.rejects.map((r) => r.reason)]).toEqual([[], ['number']]);
  });
});

test.each([
  ['a.xml', document(gpuXml('')), 'nvidia-smi-xml'],
  ['a.log', Q, 'nvidia-smi-q'],
  ['stamped.xml', `Fri Aug  4 11:44:30 UTC 2023\n${document(gpuXml(''))}`, 'nvidia-smi-xml'],
  ['licensed.xml', document(gpuXml('')).replace('<nvidia_smi_log>', '<!-- by us -->\n$&'), 'nvidia-smi-xml'],
  ['stamped.log', `$ nvidia-smi -q\n${Q}`, 'nvidia-smi-q'],
])('exactly one format recognises %s', (path, head, id) => {
  expect(FORMATS.filter((f) => f.sniff(head, path)).map((f) => f.id)).toEqual([id]);
});

const NOT_THROTTLED = { throttled_power_ratio: 0, throttled_thermal_ratio: 0, throttled_other_ratio: 0 };
const NO_ECC = { ecc_corrected_total: 0, ecc_uncorrected_total: 0 };
const NO_TIME_LOST = { throttled_power_s: 0, throttled_thermal_s: 0, throttled_other_s: 0 };
const H100 = 'linux-x86_64__nvidia-h100-80gb-hbm3__590.48.01';
const RTX_2080 = 'windows-x86_64__nvidia-geforce-rtx-2080-super__610.62';
const MASKED = 'GPU-00000000-0000-0000-0000-000000000000';

describe.runIf(hasSamples)('real snapshots of nvidia-smi', () => {
  test.each([
    [
      nvidiaSmiXml,
      'nvidia-smi-xml/a10g.xml',
      UUID,
      '2023-04-24T16:11:51Z',
      {
        power_w: 25.58,
        temperature_c: 17,
        clock_hz: 210e6,
        utilization_ratio: 0,
        ...NOT_THROTTLED,
        ...NO_ECC,
      },
    ],
    [
      nvidiaSmiXml,
      'nvidia-smi-xml/rtx-3080-v13.xml',
      'GPU-19d6d965-2acc-f646-00f8-4c76979aabb4',
      '2026-04-10T10:23:01Z',
      {
        power_w: 139.62,
        temperature_c: 27,
        clock_hz: 1.95e9,
        utilization_ratio: 0.65,
        ...NOT_THROTTLED,
        ...NO_TIME_LOST,
      },
    ],
    [
      nvidiaSmiQ,
      `nvidia-smi/${H100}__load__q.txt`,
      MASKED,
      '2026-07-14T08:12:53Z',
      {
        power_w: 629.45,
        temperature_c: 59,
        clock_hz: 1.98e9,
        utilization_ratio: 1,
        ...NOT_THROTTLED,
        ...NO_TIME_LOST,
        ...NO_ECC,
      },
    ],
    [
      nvidiaSmiQ,
      `nvidia-smi/${H100}__idle__q.txt`,
      MASKED,
      '2026-07-14T08:12:38Z',
      {
        power_w: 69.85,
        temperature_c: 41,
        clock_hz: 345e6,
        utilization_ratio: 0,
        ...NOT_THROTTLED,
        ...NO_TIME_LOST,
        ...NO_ECC,
      },
    ],
    [
      nvidiaSmiQ,
      `nvidia-smi/${RTX_2080}__idle__q.txt`,
      MASKED,
      '2026-06-24T10:17:41Z',
      {
        power_w: 37.21,
        temperature_c: 39,
        clock_hz: 300e6,
        utilization_ratio: 0,
        ...NOT_THROTTLED,
        ...NO_TIME_LOST,
        throttled_power_s: 824.547036,
      },
    ],
  ] as const)('$1', async (format, file, scope, time, values) => {
    const sink = await readText(format, readFileSync(join(SAMPLES, file)), { rule: zone });
    expect(sink.samples).toEqual([{ scope, timeMs: Date.parse(time), values }]);
    expect(sink.rejects).toEqual([]);
  });
});
