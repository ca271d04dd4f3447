import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import dcgm from '../../data/aliases/dcgm.json' with { type: 'json' };
import { AliasesSchema } from '../../functions/core/telemetry/aliases.ts';
import { prometheusText } from '../../functions/core/telemetry/formats/prometheus-text.ts';
import { hasSamples, SAMPLES } from '../shared.ts';
import { readText } from './formats/recording-sink.ts';

const aliases = AliasesSchema.parse(dcgm);
const names = [...Object.keys(aliases.readings), ...aliases.reasonMasks, ...aliases.lastFaults];

async function valuesOf(name: string): Promise<Record<string, number> | undefined> {
  const text = `${name}{gpu="0",UUID="GPU-1f027ee8-0000-4000-8000-000000000001"} 1\n`;
  const sink = await readText(prometheusText, text, { rule: { startTime: '2026-01-01T00:00:00Z' } });
  return sink.samples[0]?.values;
}

test.each(names)('%s is read', async (name) => {
  expect(Object.keys((await valuesOf(name)) ?? {}).length).toBeGreaterThan(0);
});

describe.runIf(hasSamples)('names of DCGM', () => {
  const sample = (file: string): string => readFileSync(join(SAMPLES, 'dcgm', file), 'utf8');
  /** Names in a list of counters, commented out or not, with their units. */
  const counters = (file: string): Map<string, string> =>
    new Map(
      [...sample(file).matchAll(/^(?:# )?(\w+) *, *(?:gauge|counter) *, *(.*)$/gm)].map((m) => [
        m[1] ?? '',
        m[2] ?? '',
      ]),
    );
  const current = counters('default-counters.csv');
  const old = counters('1.x-compatibility-metrics.csv');
  const renames = sample('dcgm_4.6_renames.csv')
    .trim()
    .split('\n')
    .map((line) => line.trim().split(',') as [string, string]);
  /** Fields of DCGM that the exporter knows and its default list leaves out (DCGM's dcgm_fields.h). */
  const unlisted = ['DCGM_FI_DEV_CLOCKS_EVENT_REASONS', 'DCGM_FI_DEV_CLOCK_THROTTLE_REASONS'];

  test('every name that the aliases claim is one of the exporter’s or of the renames', () => {
    const known = new Set([...current.keys(), ...old.keys(), ...renames.flat(), ...unlisted]);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });
  test('a name of 4.6 is read like the name before it, and none is left behind', async () => {
    const read = renames.filter(([before, after]) => names.includes(before) || names.includes(after));
    expect(read.length).toBe(6);
    for (const [before, after] of read) expect(await valuesOf(after), after).toEqual(await valuesOf(before));
  });
  test('a name of 1.x is read like the current one', async () => {
    const read = [...old.keys()].filter((name) => names.includes(name));
    expect(read.length).toBeGreaterThan(10);
    const byHelp = (help: string): string[] =>
      [...current].filter(([, text]) => text === help).map(([name]) => name);
    for (const name of read)
      for (const now of byHelp(old.get(name) as string))
        expect(await valuesOf(now), now).toEqual(await valuesOf(name));
  });
  test('units are those of the exporter’s help', () => {
    const wrong = [...current, ...old].filter(([name, help]) => {
      const unit = /\(in (\S+?)\)/.exec(help)?.[1];
      const alias = aliases.readings[name];
      return alias && unit && unit !== alias.unit && alias.field !== 'tensor_active_ratio';
    });
    expect(wrong).toEqual([]);
  });
});
