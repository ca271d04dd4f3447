import { describe, expect, test } from 'vitest';
import { prometheusRange } from '../../../functions/core/telemetry/formats/prometheus-range.ts';
import { sniffFormat } from '../../../functions/core/telemetry/formats/registry.ts';
import { readText } from './recording-sink.ts';

const series = (name: string, value: string) => ({
  metric: { __name__: name, UUID: 'GPU-a', gpu: '0' },
  values: [[1_769_860_800, value]],
});
const answer = (...result: unknown[]) => ({ status: 'success', data: { resultType: 'matrix', result } });
const POWER = series('DCGM_FI_DEV_POWER_USAGE', '300');
const TEMPERATURE = series('DCGM_FI_DEV_GPU_TEMP', '41');
const BOTH = [{ scope: 'GPU-a', timeMs: 1_769_860_800_000, values: { power_w: 300, temperature_c: 41 } }];

describe('several answers in one file', () => {
  test.each([
    ['a list of answers', [answer(POWER), answer(TEMPERATURE)]],
    ['an object of answers', { power: answer(POWER), temperature: answer(TEMPERATURE) }],
    ['a list of series, as clients in Python return them', [POWER, TEMPERATURE]],
    ['an object of such lists', { power: [POWER], temperature: [TEMPERATURE] }],
    [
      'the type of the result behind it, with warnings',
      {
        data: { result: [POWER, TEMPERATURE], resultType: 'matrix' },
        warnings: ['partial'],
        status: 'success',
      },
    ],
  ])('are read: %s', async (_, document) => {
    for (const indent of [0, 2]) {
      const text = JSON.stringify(document, null, indent);
      expect(sniffFormat(text, 'power.json')?.id).toBe('prometheus-range');
      const sink = await readText(prometheusRange, text);
      expect([sink.samples, sink.rejects]).toEqual([BOTH, []]);
    }
  });

  test('are told from the head alone where the type of the result stands at the end', () => {
    const head = JSON.stringify({ data: { result: [POWER] } }).slice(0, -4);
    expect(sniffFormat(head, 'power.json')?.id).toBe('prometheus-range');
  });

  test('of which one failed refuse the file', async () => {
    const text = JSON.stringify([answer(POWER), { status: 'error', error: 'query timed out' }]);
    await expect(readText(prometheusRange, text)).rejects.toMatchObject({ code: 'query-failed' });
  });

  test('of an expression say that their series have no name', async () => {
    const text = JSON.stringify(answer({ metric: { UUID: 'GPU-a' }, values: [[1_769_860_800, '300']] }));
    await expect(readText(prometheusRange, text)).rejects.toThrow(/results of expressions/);
  });
});
