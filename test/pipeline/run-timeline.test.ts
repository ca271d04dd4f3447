import { describe, expect, test } from 'vitest';
import { type Evaluation, EvaluationSchema } from '../../functions/core/efficiency/evaluation.ts';
import { renderRunHtml } from '../../functions/core/report/run-html.ts';
import { collect } from '../../functions/platform/bytes.ts';
import { landingKey, manifestKey } from '../../functions/platform/layout.ts';
import { quietPipeline } from '../ingested.ts';

const START_MS = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;
const HOUR_S = 3_600;
const PLACE = ['files', 'r'] as const;

/** A reading every 10 s of each chip over one hour: hotter by the chip, throttled by heat in minutes 90 to 100. */
function telemetry(hour: number, chips: number, hole: readonly [number, number] | null): string {
  const lines = ['time_unix_ms,scope,power_w,temperature_c,throttled_thermal_s,clock_hz'];
  for (let s = hour * HOUR_S; s <= (hour + 1) * HOUR_S; s += 10)
    for (let chip = 0; chip < chips; chip += 1) {
      if (hole && s > hole[0] && s < hole[1]) continue;
      const held = Math.min(Math.max(s - 5_400, 0), 600) / 2;
      lines.push(
        `${START_MS + s * 1000},chip-${chip},${300 + 10 * chip},${50 + (chip % 50)},${held},${1.5e9 + chip * 1e6}`,
      );
    }
  return `${lines.join('\n')}\n`;
}

/** A run from minute 10 to 170 whose power comes in three files: its ends lie in the first and the last. */
async function evaluatedRun(files: Readonly<Record<string, string>>): Promise<Evaluation> {
  const line = quietPipeline();
  const { landing, lake } = line.stores;
  const manifest = {
    ...{ schema: 'wattline/run@1', program: PLACE[0], run: PLACE[1], role: 'candidate', sku: 'own-chip' },
    ...{ workload: { name: 'any' }, workUnit: 'token', system: { name: 'any', nodes: 1, chipsPerNode: 3 } },
    ...{ boundary: 'chip', status: 'success', files: [{ pattern: '**/*.csv', boundary: 'chip' }] },
    start: new Date(START_MS + 10 * MINUTE_MS).toISOString(),
    stop: new Date(START_MS + 170 * MINUTE_MS).toISOString(),
  };
  await landing.put(manifestKey(...PLACE), Buffer.from(JSON.stringify(manifest)));
  for (const [path, text] of Object.entries(files))
    await landing.put(landingKey(...PLACE, path), Buffer.from(text));
  await line.drain();
  expect(line.deadLetters).toEqual([]);
  for await (const { key } of lake.list('evaluations/'))
    if (!key.endsWith('latest.json')) {
      const bytes = await collect((await lake.get(key)).body);
      return EvaluationSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    }
  throw new Error('nothing was evaluated');
}

const parts = (chips: number, hole: readonly [number, number] | null = null) => ({
  'hour-0.csv': telemetry(0, chips, hole),
  'hour-1.csv': telemetry(1, chips, hole),
  'hour-2.csv': telemetry(2, chips, hole),
});

const known = (series: readonly (number | null)[] | undefined): number[] =>
  (series ?? []).filter((v) => v !== null);

describe('the timeline of a run', async () => {
  const e = await evaluatedRun(parts(3));
  const { scopes, heatMap, powerW, startMs, stepMs } = e.timeline ?? {};

  test('has the same means from windows as from samples that were read again', () => {
    expect(new Set(known(powerW))).toEqual(new Set([930]));
    expect(new Set(known(scopes?.temperatureC?.mean))).toEqual(new Set([51]));
    expect(known(scopes?.temperatureC?.mean).length).toBe(known(powerW).length);
    expect(new Set(known(scopes?.clockHz?.low))).toEqual(new Set([1.5e9]));
    expect(new Set(known(scopes?.clockHz?.high))).toEqual(new Set([1.502e9]));
    expect(new Set(known(scopes?.powerW?.high))).toEqual(new Set([320]));
  });

  test('has the share of time held back, from its counter of seconds', () => {
    const thermal = scopes?.throttledRatio?.thermal;
    const at = (minute: number): number | null =>
      thermal?.[Math.floor((START_MS + minute * MINUTE_MS - (startMs ?? 0)) / (stepMs ?? 1))] ?? null;
    expect(at(95)).toBeCloseTo(0.5, 6);
    expect(at(80)).toBe(0);
    expect(scopes?.throttledRatio?.power).toBeNull();
  });

  test('has a row a chip of the heat map, each with its own power', () => {
    expect(heatMap?.rows.map(({ first, count }) => [first, count])).toEqual([
      ['chip-0', 1],
      ['chip-1', 1],
      ['chip-2', 1],
    ]);
    for (const [i, row] of (heatMap?.rows ?? []).entries())
      expect(new Set(known(row.powerW))).toEqual(new Set([300 + 10 * i]));
  });

  test('places the throttling that it finds', () => {
    const hot = e.findings.find((f) => f.code === 'thermal-throttling');
    const minutes = [hot?.time?.fromMs, hot?.time?.toMs].map((ms) => ((ms ?? 0) - START_MS) / MINUTE_MS);
    expect(minutes[0]).toBeGreaterThanOrEqual(88);
    expect(minutes[0]).toBeLessThanOrEqual(90);
    expect(minutes[1]).toBeGreaterThanOrEqual(100);
    expect(minutes[1]).toBeLessThanOrEqual(102);
  });

  test('is drawn: a lane of each quantity, the chips as colours, the finding with its number', () => {
    const page = renderRunHtml(e);
    for (const title of [
      'Power, system',
      'Power, a chip',
      'Temperature, a chip',
      'Clock, a chip',
      'Held back',
    ])
      expect(page).toContain(`<tspan font-weight="600">${title}</tspan>`);
    expect(page).toContain('chip-2 drew most on average (320.0 W, 3.2 % above the median)');
    expect(page).toMatch(/<b>1<\/b> thermal-throttling \((79|80)[.\d]* min\)/);
    expect(page).not.toContain('<title>not read</title>');
  });
});

test('what was not read over a gap is a hole in every series, from windows and samples', async () => {
  const e = await evaluatedRun(parts(2, [HOUR_S + 600, HOUR_S + 1_800]));
  const { powerW = [], scopes, heatMap, startMs = 0, stepMs = 1 } = e.timeline ?? {};
  const at = Math.floor((START_MS + 80 * MINUTE_MS - startMs) / stepMs);
  expect(powerW[at]).toBeNull();
  expect(scopes?.temperatureC?.mean[at]).toBeNull();
  expect(heatMap?.rows[0]?.powerW[Math.floor((at * stepMs) / (heatMap?.stepMs ?? 1))]).toBeNull();
  const { time } = e.findings.find((f) => f.code === 'gap') ?? {};
  expect(Math.abs(((time?.fromMs ?? 0) - START_MS) / MINUTE_MS - 70)).toBeLessThan(2);
  expect(Math.abs(((time?.toMs ?? 0) - START_MS) / MINUTE_MS - 90)).toBeLessThan(2);
  expect(renderRunHtml(e)).toContain('<title>not read</title>');
});

test('many chips share the rows of a heat map, and bands leave the tails out', async () => {
  const e = await evaluatedRun(parts(250));
  const { scopes, heatMap } = e.timeline ?? {};
  expect(heatMap?.rows.length).toBeLessThanOrEqual(120);
  expect(heatMap?.rows.reduce((n, row) => n + row.count, 0)).toBe(250);
  // By number, not by letter: chip-2 is beside chip-1, not behind chip-199.
  expect(heatMap?.rows[0]).toMatchObject({ first: 'chip-0', last: 'chip-2', count: 3 });
  expect(heatMap?.rows[0]?.powerW.find((v) => v !== null)).toBe(310);
  expect(scopes).toMatchObject({ lowQuantile: 0.05, highQuantile: 0.95 });
  expect(known(scopes?.powerW?.high)[0]).toBe(300 + 10 * 237);
  expect(renderRunHtml(e)).toContain('A row is the mean of up to 3 neighbouring chips');
});

test('rows in quarantine come with their reason, the place of the first one, and what mends it', async () => {
  const bad = telemetry(0, 3, null).replace(/,chip-1,310,/, ',chip-1,3x0,<b>');
  const e = await evaluatedRun({ ...parts(3), 'hour-0.csv': bad });
  const input = e.inputs.find((i) => i.path === 'hour-0.csv');
  expect(input?.rejects).toMatchObject([{ reason: 'number', column: 'power_w', rows: 1, line: 3 }]);
  expect(input?.bytes).toBe(bad.length);
  const page = renderRunHtml(e);
  expect(page).toContain('Write a plain decimal number');
  expect(page).toContain('chip-1,3x0,&lt;b&gt;');
});
