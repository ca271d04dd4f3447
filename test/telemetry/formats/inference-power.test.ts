import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { mlperfLoadgenDetail } from '../../../functions/core/telemetry/formats/mlperf-loadgen-detail.ts';
import { ptdaemonSpl } from '../../../functions/core/telemetry/formats/ptdaemon-spl.ts';
import { FORMATS } from '../../../functions/core/telemetry/formats/registry.ts';
import { POWER_LIMITS_W } from '../../../functions/core/telemetry/plausible.ts';
import { foldRun } from '../../../functions/core/telemetry/progress-fold.ts';
import { SegmentFold } from '../../../functions/core/telemetry/segment-fold.ts';
import { SourceReading } from '../../../functions/core/telemetry/source-reading.ts';
import { clipEdges } from '../../../functions/core/telemetry/window-edges.ts';
import { hasSamples, SAMPLES } from '../../shared.ts';
import { type RecordingSink, readText } from './recording-sink.ts';

const UTC = { timeZone: 'UTC', node: 'sut' };
const TESTING = '2024-07-13_10-34-55_testing';
const row = (second: number, watts: string, mark = TESTING, rest = ''): string =>
  `Time,07-13-2024 17:49:${String(second).padStart(2, '0')}.063,Watts,${watts},Volts,239.150000,Amps,3.422000,PF,0.964544,Mark,${mark}${rest}`;
async function* chunkOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
const powers = (sink: RecordingSink) =>
  sink.samples.map((s) => [s.scope, new Date(s.timeMs).toISOString(), s.values.power_w]);

describe('spl.txt', () => {
  test('month first, on the AC side by its power factor', async () => {
    const sink = await readText(ptdaemonSpl, `${row(20, '2368.200000')}\n`, { rule: UTC });
    expect(powers(sink)).toEqual([['sut', '2024-07-13T17:49:20.063Z', 2368.2]]);
    expect(sink.facts.sut).toEqual({ kind: 'node', boundary: 'node-ac' });
  });
  test('a power factor that is not read says nothing of the side', async () => {
    const text = row(20, '100').replace('PF,0.964544', 'PF,-1.000000');
    expect((await readText(ptdaemonSpl, text, { rule: UTC })).facts.sut).toEqual({ kind: 'node' });
  });
  test('a power factor of one channel says the side, where there is none of all together', async () => {
    const channels = ',Ch1,Watts,91.06,PF,0.938900,Ch2,Watts,90.97,PF,0.938800';
    const text = row(20, '182.03', TESTING, channels).replace('PF,0.964544', 'PF,-1.000000');
    const sink = await readText(ptdaemonSpl, text, { rule: UTC });
    expect(sink.facts.sut).toMatchObject({ boundary: 'node-ac' });
    expect(powers(sink).map((p) => p[2])).toEqual([182.03]);
  });
  test('-1.000000 is no reading, and messages of the meter are no rows (nasty 4)', async () => {
    const text = [
      row(20, '-1.000000'),
      'NOTICE: Bad volts reading nan',
      row(21, 'nan'),
      '',
      row(22, '500.5'),
    ].join('\r\n');
    const sink = await readText(ptdaemonSpl, text, { rule: UTC });
    expect(powers(sink).map((p) => p[2])).toEqual([500.5]);
    expect([sink.rows, sink.rejects]).toEqual([3, []]);
    expect(sink.notes.map((n) => n.code)).toEqual(['meter-message']);
  });
  test('messages that begin with a time are no rows either', async () => {
    const text = [
      'Time,07-13-2024 17:49:06.145,NOTICE,Analyzer identity response of 32 bytes: YOKOGAWA,WT310,F1.03',
      row(20, '100'),
      'Time,07-13-2024 17:54:49.071,ERROR,Bad volts reading nan from WT310',
      'Buffer was 1.000E+00;1;300.0E+00;1',
    ].join('\n');
    const sink = await readText(ptdaemonSpl, text, { rule: UTC });
    expect([sink.rows, sink.samples.length, sink.rejects]).toEqual([1, 1, []]);
    expect(sink.notes.map((n) => n.code)).toEqual(['meter-message', 'meter-message', 'meter-message']);
  });
  test('only the testing session counts', async () => {
    const text = [row(20, '1', '2024-07-13_10-34-55_ranging'), row(21, '2', 'notset'), row(22, '3')].join(
      '\n',
    );
    const sink = await readText(ptdaemonSpl, text, { rule: UTC });
    expect(powers(sink).map((p) => p[2])).toEqual([3]);
    expect(sink.notes.map((n) => n.code)).toEqual(['session-left-out', 'session-left-out']);
  });
  test('the first Watts is the sum of the channels already (nasty 16)', async () => {
    const channels = ',Ch1,Watts,801.300000,Volts,239.1,Ch2,Watts,800.000000,Ch3,Watts,766.900000';
    const sink = await readText(ptdaemonSpl, row(20, '2368.200000', TESTING, channels), { rule: UTC });
    expect(powers(sink).map((p) => p[2])).toEqual([2368.2]);
    expect(sink.notes.map((n) => n.code)).toEqual(['channels-summed']);
  });
  test.each([
    ['text', row(20, 'lots'), 'number'],
    ['negative', row(20, '-2'), 'range'],
    ['of no day', row(20, '1').replace('07-13', '13-07'), 'time-stamp'],
    ['cut', 'Time,07-13-2024 17:4', 'time-stamp'],
  ])('a row that is %s is rejected', async (_name, text, reason) => {
    const sink = await readText(ptdaemonSpl, `${row(19, '5')}\n${text}`, { rule: UTC });
    expect(sink.rejects.map((r) => [r.line, r.reason])).toEqual([[2, reason]]);
  });
  test('without a zone for the file it is refused', async () => {
    await expect(readText(ptdaemonSpl, row(20, '1'))).rejects.toMatchObject({ code: 'time-zone-missing' });
  });
  test('readings on the AC side are converted as the rule states, and not in the reader (nasty 34)', async () => {
    const rule = { ...UTC, conversionEfficiency: 0.94, boundaryAfter: 'node-dc' as const };
    expect(powers(await readText(ptdaemonSpl, row(20, '100'), { rule }))[0]?.[2]).toBe(100);
    const reading = new SourceReading(rule, { addScope: () => {}, sample: () => {} });
    await ptdaemonSpl.read(chunkOf(row(20, '100')), { path: 'spl.txt', rule }, reading);
    expect(reading.finish()).toMatchObject([
      {
        boundary: 'node-ac',
        conversionEfficiency: 0.94,
        boundaryAfter: 'node-dc',
        efficiencyBasis: 'declared',
      },
    ]);
  });
  test('any chunk boundary gives the same', async () => {
    const text = [row(20, '1'), row(21, 'x'), row(22, '3')].join('\r\n');
    const plain = (await readText(ptdaemonSpl, text, { rule: UTC })).calls;
    expect(plain).toHaveLength(4);
    expect((await readText(ptdaemonSpl, text, { rule: UTC, chunk: 1 })).calls).toEqual(plain);
  });
});

describe('mlperf_log_detail.txt', () => {
  const line = (key: string, value: unknown): string =>
    `:::MLLOG ${JSON.stringify({ key, value, time_ms: 12.5, namespace: 'mlperf::logging', event_type: 'POINT_IN_TIME', metadata: { is_error: false } })}`;
  const log = (validity: string): string =>
    [
      line('test_datetime', '2021-03-18T21:29:29Z'),
      line('generated_query_count', 2),
      line('generated_samples_per_query', 1000),
      line('power_begin', '03-18-2021 21:29:31.830'),
      line('power_end', '03-18-2021 21:43:59.847'),
      line('result_validity', validity),
    ].join('\n');
  test('gives the window, the samples and whether they count', async () => {
    const sink = await readText(mlperfLoadgenDetail, log('VALID'), { rule: UTC });
    expect(foldRun(sink.progressed)).toMatchObject({
      startMs: Date.parse('2021-03-18T21:29:31.830Z'),
      stopMs: Date.parse('2021-03-18T21:43:59.847Z'),
      status: 'success',
      samples: 2000,
    });
    expect(sink.rows).toBe(6);
  });
  test('a result that is not valid did not succeed', async () => {
    const sink = await readText(mlperfLoadgenDetail, log('INVALID'), { rule: UTC });
    expect(foldRun(sink.progressed).status).toBe('aborted');
  });
  test('its times are in the zone of the file, also where test_datetime ends in Z (nasty 38)', async () => {
    const rule = { timeZone: '-07:00' };
    const sink = await readText(mlperfLoadgenDetail, log('VALID'), { rule });
    expect(foldRun(sink.progressed).startMs).toBe(Date.parse('2021-03-19T04:29:31.830Z'));
    const meter = await readText(ptdaemonSpl, row(20, '1'), { rule });
    expect(powers(meter)[0]?.[1]).toBe('2024-07-14T00:49:20.063Z');
    await expect(readText(mlperfLoadgenDetail, log('VALID'))).rejects.toMatchObject({
      code: 'time-zone-missing',
    });
  });
  test('a run without power says nothing of its time', async () => {
    const sink = await readText(mlperfLoadgenDetail, line('result_validity', 'VALID'));
    expect(sink.progressed.map((p) => p.kind)).toEqual(['fact']);
    expect(sink.notes.map((n) => n.code)).toEqual(['no-power-window']);
  });
  test('a line that is cut and a time that is none are rejected', async () => {
    const text = `${line('power_begin', 5)}\n:::MLLOG {"key": "power_e`;
    const sink = await readText(mlperfLoadgenDetail, text, { rule: UTC });
    expect(sink.rejects.map((r) => r.reason)).toEqual(['time-stamp', 'mllog']);
  });
});

describe.runIf(hasSamples)('a published result: three A100 in an R7525', () => {
  const FOLDER = join(SAMPLES, 'ptdaemon/v1.0-R7525-3xA100-resnet50-offline');
  const text = (name: string): string => (hasSamples ? readFileSync(join(FOLDER, name), 'utf8') : '');
  const MEAN_W = 1101.2828341;

  test.each([
    ['spl.txt', ['ptdaemon-spl']],
    ['mlperf_log_detail.txt', ['mlperf-loadgen-detail']],
    ['ptd_logs.txt', []],
    ['server.json', []],
    ['client.json', []],
    ['mlperf_log_summary.txt', []],
  ])('%s is recognised as %s', (name, ids) => {
    expect(FORMATS.filter((f) => f.sniff(text(name).slice(0, 65_536), name)).map((f) => f.id)).toEqual(ids);
  });

  const window = async (): Promise<{ startMs: number; stopMs: number; samples: number | null }> => {
    const sink = await readText(mlperfLoadgenDetail, text('mlperf_log_detail.txt'), { rule: UTC });
    const { startMs, stopMs, samples } = foldRun(sink.progressed);
    return { startMs: startMs as number, stopMs: stopMs as number, samples };
  };

  test('the mean of the readings in its window is 1101.2828 W, as MLPerf takes it', async () => {
    const { startMs, stopMs, samples } = await window();
    expect(samples).toBe(81_048_000);
    const sink = await readText(ptdaemonSpl, text('spl.txt'), { rule: UTC });
    const inside = sink.samples.filter((s) => s.timeMs >= startMs && s.timeMs <= stopMs);
    expect([sink.samples.length, inside.length, sink.rejects]).toEqual([904, 868, []]);
    const mean = inside.reduce((sum, s) => sum + (s.values.power_w ?? 0), 0) / inside.length;
    expect(mean).toBeCloseTo(MEAN_W, 6);
  });

  test('the energy of the window by the trapezoid rule is that mean times its length to 1 in 10000', async () => {
    const { startMs, stopMs } = await window();
    let integralJ = Number.NaN;
    const fold = new SegmentFold(clipEdges(startMs, stopMs), (_scope, closed) => {
      const inside = closed.segments().find((w) => w.windowMs === startMs);
      integralJ = inside?.segment.gauges.power_w?.integral ?? integralJ;
    });
    const reading = new SourceReading(UTC, {
      addScope: () => fold.addScope(POWER_LIMITS_W.node),
      sample: (scope, timeMs, values, fields) => fold.sample(scope, timeMs, values, fields),
    });
    await ptdaemonSpl.read(chunkOf(text('spl.txt')), { path: 'spl.txt', rule: UTC }, reading);
    fold.finish();
    expect(integralJ).toBeCloseTo(955_892.0679, 3);
    expect(Math.abs(integralJ / ((MEAN_W * (stopMs - startMs)) / 1000) - 1)).toBeLessThan(1e-4);
  });
});
