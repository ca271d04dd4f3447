import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { otlpJson } from '../../../functions/core/telemetry/formats/otlp-json.ts';
import { FORMATS } from '../../../functions/core/telemetry/formats/registry.ts';
import { collect } from '../../../functions/platform/bytes.ts';
import { decompress } from '../../../functions/platform/decompress.ts';
import { hasSamples, SAMPLES } from '../../shared.ts';
import { readText } from './recording-sink.ts';

const START_MS = 1_745_519_750_000;
const nanos = (seconds: number): string => `${START_MS + seconds * 1000}000000`;
const attributes = (named: Record<string, string>) =>
  Object.entries(named).map(([key, stringValue]) => ({ key, value: { stringValue } }));

interface Point {
  readonly at: number;
  readonly value: unknown;
  readonly of?: Record<string, string>;
  readonly more?: object;
}

const GPU = { 'hw.id': 'gpu-a', 'hw.type': 'gpu' };
const pointsOf = (points: readonly Point[]) =>
  points.map(({ at, value, of = GPU, more = {} }) => ({
    attributes: attributes(of),
    timeUnixNano: nanos(at),
    asDouble: value,
    ...more,
  }));
const gauge = (name: string, points: readonly Point[], unit = 'W') => ({
  name,
  unit,
  gauge: { dataPoints: pointsOf(points) },
});
const sum = (name: string, aggregationTemporality: unknown, points: readonly Point[], unit = 'J') => ({
  name,
  unit,
  sum: { aggregationTemporality, isMonotonic: true, dataPoints: pointsOf(points) },
});
const request = (...metrics: object[]): string =>
  JSON.stringify({
    resourceMetrics: [
      { resource: { attributes: attributes({ 'host.name': 'n1' }) }, scopeMetrics: [{ scope: {}, metrics }] },
    ],
  });
const read = (text: string, rule = {}, chunk = 65_536) =>
  readText(otlpJson, text, { path: 'metrics.json', rule, chunk });
const samplesOf = async (...metrics: object[]) =>
  (await read(request(...metrics))).samples.map((s) => [s.scope, (s.timeMs - START_MS) / 1000, s.values]);

describe('OTLP/JSON', () => {
  test('power of a chip, its host before its id, at the boundary of a chip', async () => {
    const sink = await read(request(gauge('hw.power', [{ at: 1, value: 500.25 }])));
    expect(sink.samples).toEqual([
      { scope: 'n1/gpu-a', timeMs: START_MS + 1000, values: { power_w: 500.25 } },
    ]);
    expect(sink.facts['n1/gpu-a']).toEqual({ kind: 'chip', boundary: 'chip' });
    expect(sink.rows).toBe(1);
  });

  test('a UUID is the id, with its prefix and in lower case', async () => {
    const of = { 'hw.id': '1F027EE8-0000-1111-2222-333344445555', 'hw.type': 'gpu' };
    const [sample] = await samplesOf(gauge('hw.power', [{ at: 1, value: 5, of }]));
    expect(sample?.[0]).toBe('GPU-1f027ee8-0000-1111-2222-333344445555');
  });

  test.each([
    ['a text', '123', 123],
    ['a number', 123.5, 123.5],
  ])('an integer as %s', async (_name, asInt, expected) => {
    const metric = gauge('hw.power', [{ at: 1, value: undefined, more: { asInt } }]);
    expect(await samplesOf(metric)).toEqual([['n1/gpu-a', 1, { power_w: expected }]]);
  });

  test('nanoseconds keep their digits', async () => {
    const metric = gauge('hw.power', [{ at: 0, value: 1, more: { timeUnixNano: '1745519750123456789' } }]);
    const sink = await read(request(metric));
    expect(sink.samples[0]?.timeMs).toBeCloseTo(1_745_519_750_123.4568, 3);
  });

  test('what is flagged as not recorded, NaN and null are no readings', async () => {
    const metric = gauge('hw.power', [
      { at: 1, value: 7, more: { flags: 1 } },
      { at: 2, value: 'NaN' },
      { at: 3, value: null },
      { at: 4, value: 8, more: { flags: 0 } },
    ]);
    expect(await samplesOf(metric)).toEqual([['n1/gpu-a', 4, { power_w: 8 }]]);
  });

  test.each([2, 'AGGREGATION_TEMPORALITY_CUMULATIVE'])(
    'a cumulative sum (%s) is the counter',
    async (kind) => {
      const metric = sum('hw.energy', kind, [
        { at: 1, value: 1000.1 },
        { at: 2, value: 1600.7 },
      ]);
      expect(await samplesOf(metric)).toEqual([
        ['n1/gpu-a', 1, { energy_j: 1000.1 }],
        ['n1/gpu-a', 2, { energy_j: 1600.7 }],
      ]);
    },
  );

  test.each([1, 'AGGREGATION_TEMPORALITY_DELTA'])(
    'deltas (%s) add up from the start of the first',
    async (kind) => {
      const metric = sum('hw.energy', kind, [
        { at: 1, value: 500, more: { startTimeUnixNano: nanos(0) } },
        { at: 2, value: 600, more: { startTimeUnixNano: nanos(1) } },
      ]);
      expect(await samplesOf(metric)).toEqual([
        ['n1/gpu-a', 0, { energy_j: 0 }],
        ['n1/gpu-a', 1, { energy_j: 500 }],
        ['n1/gpu-a', 2, { energy_j: 1100 }],
      ]);
    },
  );

  test('errors of several kinds are one counter, read once a time', async () => {
    const of = (kind: string) => ({ ...GPU, 'error.type': kind });
    const metric = sum(
      'hw.errors',
      2,
      [
        { at: 1, value: 0, of: of('xid:79') },
        { at: 1, value: 2, of: of('xid:31') },
        { at: 2, value: 1, of: of('xid:79') },
        { at: 2, value: 2, of: of('xid:31') },
        { at: 2, value: 9, of: of('ecc_corrected') },
        { at: 2, value: 99, of: of('all') },
      ],
      '{error}',
    );
    expect(await samplesOf(metric)).toEqual([
      ['n1/gpu-a', 1, { faults_total: 2 }],
      ['n1/gpu-a', 2, { faults_total: 3 }],
      ['n1/gpu-a', 2, { ecc_corrected_total: 9 }],
    ]);
  });

  test('a unit that the file states wins over that of the conventions', async () => {
    expect(await samplesOf(gauge('hw.power', [{ at: 1, value: 5e5 }], 'mW'))).toEqual([
      ['n1/gpu-a', 1, { power_w: 500 }],
    ]);
    expect(await samplesOf(gauge('hw.gpu.utilization', [{ at: 1, value: 97 }], '%'))).toEqual([
      ['n1/gpu-a', 1, { utilization_ratio: 0.97 }],
    ]);
  });

  test('utilization of a decoder is not that of the chip', async () => {
    const metric = gauge(
      'hw.gpu.utilization',
      [
        { at: 1, value: 0.1, of: { ...GPU, 'hw.gpu.task': 'decoder' } },
        { at: 1, value: 0.9, of: { ...GPU, 'hw.gpu.task': 'general' } },
      ],
      '1',
    );
    expect(await samplesOf(metric)).toEqual([['n1/gpu-a', 1, { utilization_ratio: 0.9 }]]);
  });

  test('MIG instances repeat the power of their parent, which counts once (nasty 11)', async () => {
    const parent = 'GPU-aaaaaaaa-0000-1111-2222-333344445555';
    const of = (id: string) => ({ 'hw.id': id, 'hw.type': 'gpu', 'hw.parent': parent });
    const sink = await read(
      request(
        gauge('hw.power', [
          { at: 1, value: 470, of: of('MIG-1') },
          { at: 1, value: 470, of: of('MIG-2') },
          { at: 2, value: 471, of: of('MIG-1') },
          { at: 2, value: 471, of: of('MIG-2') },
        ]),
        gauge('hw.gpu.utilization', [{ at: 1, value: 0.5, of: of('MIG-1') }], '1'),
      ),
    );
    expect(sink.samples.map((s) => [s.scope, s.values.power_w])).toEqual([
      [parent, 470],
      [parent, 471],
    ]);
    expect(sink.notes.map((n) => n.code)).toContain('instances-folded');
    expect(sink.notes.map((n) => n.code)).toContain('duplicate-series');
  });

  test('a sensor of temperature is of the chip that it is in', async () => {
    const of = { 'hw.id': 'gpu-a_t0', 'hw.type': 'temperature', 'hw.parent': 'gpu-a' };
    expect(
      await samplesOf(
        gauge('hw.power', [{ at: 1, value: 5 }]),
        gauge('hw.temperature', [{ at: 1, value: 61, of }], 'Cel'),
        gauge('hw.temperature', [{ at: 1, value: 30, of: { ...of, 'hw.parent': 'enclosure' } }], 'Cel'),
      ),
    ).toEqual([
      ['n1/gpu-a', 1, { power_w: 5 }],
      ['n1/gpu-a', 1, { temperature_c: 61 }],
    ]);
  });

  describe('power of a host and of its chips', () => {
    const text = request(
      gauge('hw.host.power', [{ at: 1, value: 9000, of: {} }]),
      gauge('hw.power', [
        { at: 1, value: 600 },
        { at: 1, value: 300, of: { 'hw.id': 'cpu0', 'hw.type': 'cpu' } },
      ]),
    );
    test('the chips are read, the rest is named', async () => {
      const sink = await read(text);
      expect(sink.samples.map((s) => [s.scope, s.values.power_w])).toEqual([['n1/gpu-a', 600]]);
      expect(sink.notes.map((n) => n.code)).toEqual(['host-power-left-out', 'component-left-out']);
    });
    test('the host is read, and not the chips, where the rule states its boundary', async () => {
      const sink = await read(text, { boundary: 'node-ac' });
      expect(sink.samples.map((s) => [s.scope, s.values.power_w])).toEqual([['n1', 9000]]);
      expect(sink.facts.n1).toEqual({ kind: 'node' });
    });
  });

  test('the receiver of DCGM: energy, throttling by cause', async () => {
    const of = { 'gpu.uuid': 'GPU-aaaaaaaa-0000-1111-2222-333344445555', 'gpu.number': '0' };
    const by = (violation: string) => ({ ...of, 'gpu.clock.violation': violation });
    const name = 'gpu.dcgm.clock.throttle_duration.time';
    const samples = await samplesOf(
      sum('gpu.dcgm.energy_consumption', 2, [{ at: 1, value: 12, of }]),
      sum(name, 2, [{ at: 1, value: 1.5, of: by('power') }], 's'),
      sum(name, 2, [{ at: 1, value: 2, of: by('low_util') }], 's'),
    );
    expect(samples.map((s) => s[2])).toEqual([{ energy_j: 12 }, { throttled_power_s: 1.5 }]);
  });

  test('metrics of your own are what the rule says', async () => {
    const rule = {
      format: 'otlp-json',
      mapping: {
        form: 'jsonl' as const,
        scope: ['chip.serial'],
        long: {
          metric: 'name',
          value: 'value',
          readings: { 'asic.pwr': { field: 'power_w' as const, unit: 'mW' } },
        },
      },
    };
    const text = request(gauge('asic.pwr', [{ at: 1, value: 2500, of: { 'chip.serial': 'S7' } }], ''));
    const sink = await read(text, rule);
    expect(sink.samples.map((s) => [s.scope, s.values])).toEqual([['S7', { power_w: 2.5 }]]);
  });

  test.each([
    ['a time of 0', gauge('hw.power', [{ at: 1, value: 1, more: { timeUnixNano: '0' } }]), 'time-stamp'],
    [
      'a time since boot (nasty 42)',
      gauge('hw.power', [{ at: 1, value: 1, more: { timeUnixNano: '86400000000000' } }]),
      'time-stamp',
    ],
    ['a text that is no number', gauge('hw.power', [{ at: 1, value: 'many' }]), 'number'],
    ['a power beyond any chip', gauge('hw.power', [{ at: 1, value: 3.69e12 }]), 'range'],
    ['a sum without temporality', sum('hw.energy', 0, [{ at: 1, value: 1 }]), 'temporality'],
    ['a delta of a gauge', sum('hw.power', 1, [{ at: 1, value: 1 }]), 'temporality'],
    ['a delta below zero', sum('hw.energy', 1, [{ at: 1, value: -1 }]), 'range'],
  ])('%s is rejected', async (_name, metric, reason) => {
    const sink = await read(request(metric));
    expect(sink.rejects.map((r) => [r.line, r.reason])).toEqual([[1, reason]]);
    expect(sink.samples).toEqual([]);
  });

  test('unknown keys, other metrics and values of the wrong shape are passed over', async () => {
    const odd = JSON.stringify({
      resourceMetrics: [
        null,
        { resource: 5, scopeMetrics: [{ metrics: [{ name: 'hw.power', gauge: [] }, 7] }] },
      ],
      toString: 1,
    });
    const sink = await read(`${odd}\n${request({ ...gauge('hw.power', [{ at: 1, value: 1 }]), later: {} })}`);
    expect(sink.samples).toHaveLength(1);
    expect(sink.rejects).toEqual([]);
  });

  test('lines, glued objects and indented ones give the same, however they are cut', async () => {
    const one = request(gauge('hw.power', [{ at: 1, value: 1.5 }]));
    const two = request(gauge('hw.power', [{ at: 2, value: 2.5 }]));
    const indented = JSON.stringify(JSON.parse(two), null, 2);
    const plain = (await read(`${one}\n${two}\n`)).calls;
    expect(plain).toHaveLength(3);
    for (const text of [`${one}\n${two}`, `${one}${two}`, `${one}\r\n${indented}\r\n`])
      for (const chunk of [1, 7, 65_536]) expect((await read(text, {}, chunk)).calls).toEqual(plain);
  });

  test('a line that is cut is rejected, what stands before it counts (nasty 48)', async () => {
    const one = request(gauge('hw.power', [{ at: 1, value: 1 }]));
    const sink = await read(`${one}\n${one.slice(0, 90)}`);
    expect(sink.samples).toHaveLength(1);
    expect(sink.rejects.map((r) => [r.line, r.reason])).toEqual([[2, 'json']]);
  });
});

describe('zstd of the file exporter (nasty 49)', () => {
  const texts = ['{"a":1}', `{"b":"${'x'.repeat(3000)}"}`, '{"c":2}'];
  const block = (text: string): Buffer => {
    const bytes = zstdCompressSync(Buffer.from(text));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const stored = Buffer.concat(texts.map(block));
  async function* chunked(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
  }
  const plain = async (bytes: Uint8Array, size: number, limits?: { maxBytes: number; maxRatio: number }) =>
    Buffer.from(await collect(decompress(chunked(bytes, size), 'f', limits ? { limits } : {}))).toString(
      'utf8',
    );

  test.each([1, 3, 50, 65_536])('comes out whole in chunks of %i', async (size) => {
    expect(await plain(stored, size)).toBe(texts.join(''));
  });
  test.each([
    ['in a length', stored.length - block(texts[2] as string).length + 2],
    ['in a block', stored.length - 3],
  ])('that was cut %s is refused', async (_name, length) => {
    await expect(plain(stored.subarray(0, length), 100)).rejects.toMatchObject({ code: 'truncated' });
  });
  test('a length that is wrong is refused', async () => {
    const wrong = Buffer.from(stored);
    wrong.writeUInt32BE(wrong.readUInt32BE(0) - 2, 0);
    await expect(plain(wrong, 100)).rejects.toMatchObject({
      code: expect.stringMatching(/corrupt|trailing|trunc/),
    });
  });
  test('limits hold', async () => {
    const bomb = block('0'.repeat(20_000_000));
    await expect(plain(bomb, 65_536)).rejects.toMatchObject({ code: 'decompressed-too-large' });
    await expect(plain(stored, 100, { maxBytes: 100, maxRatio: 1e6 })).rejects.toMatchObject({
      code: 'decompressed-too-large',
    });
  });
});

describe.runIf(hasSamples)('the example of the protocol', () => {
  const head = hasSamples ? readFileSync(join(SAMPLES, 'otlp-json/metrics.json'), 'utf8') : '';
  test('is recognised, and holds no metric of hardware', async () => {
    expect(FORMATS.filter((f) => f.sniff(head, 'metrics.json')).map((f) => f.id)).toEqual(['otlp-json']);
    const sink = await read(head);
    expect([sink.rows, sink.samples, sink.rejects]).toEqual([0, [], []]);
  });
});
