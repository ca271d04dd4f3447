import { readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LakeConnection } from '../../cli/lake-connection.ts';
import type { Evaluation, UnitEvaluation } from '../../functions/core/efficiency/evaluation.ts';
import { namedQueries } from '../../functions/platform/lake/named-queries.ts';
import { LAKE_VIEWS } from '../../functions/platform/lake/views.ts';
import { duckdbFolder } from './duckdb-folder.ts';
import { type SimulatedLake, simulatedLake } from './simulated-lake.ts';

const duckdb = await duckdbFolder();
if (duckdb === null) process.stderr.write('queries are not run: DuckDB cannot be installed here\n');

type Row = Readonly<Record<string, unknown>>;
let lake: SimulatedLake;
let connection: LakeConnection;

const RELATIVE = 1e-9;
/** Noise of half a percent a reading over 20 s of readings, and the corners of run start, stop and restarts. */
const TRUTH_TOLERANCE = 0.01;

async function ask(sql: string, values: readonly string[] = []): Promise<Row[]> {
  const { columns, rows } = await connection.ask(sql, values);
  return rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])));
}

const sum = (values: readonly number[]): number => values.reduce((total, v) => total + v, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
const near = (value: unknown, expected: number, relative = RELATIVE): void => {
  expect(typeof value).toBe('number');
  expect(Math.abs(Number(value) - expected)).toBeLessThanOrEqual(
    relative * Math.max(Math.abs(expected), 1e-300),
  );
};
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const theRun = (): string => lake.truth.runs[0]?.run as string;

interface UnitOfRun extends UnitEvaluation {
  readonly of: Evaluation;
}
const units = (): UnitOfRun[] => lake.evaluations.flatMap((of) => of.units.map((u) => ({ ...u, of })));
const unitsOf = ({ role, kind, id }: Row): UnitOfRun[] =>
  units().filter((u) => u.of.role === role && u.kind === kind && u.id === id);
const logOf = (u: UnitEvaluation): number => Math.log(u.energyPerUsefulTokenJ as number);

/** What each query must answer, from what the pipeline wrote and from what was simulated. */
const CHECKS: Readonly<Record<string, (rows: readonly Row[]) => void>> = {
  'receipts-by-day': (rows) => {
    expect(sum(rows.map((r) => Number(r.sources)))).toBe(lake.receipts.length);
    expect(sum(rows.map((r) => Number(r.bytes)))).toBe(sum(lake.receipts.map((r) => r.source.sizeBytes)));
    for (const row of rows) {
      const same = lake.receipts.filter(
        ({ format, status, timeRange }) =>
          (format ?? 'unknown') === row.format &&
          status === row.status &&
          (timeRange ? dayOf(timeRange.startMs) : null) === row.day,
      );
      expect(row).toMatchObject({
        sources: same.length,
        rows_read: sum(same.map((r) => r.rows)),
        rows_rejected: sum(same.map((r) => r.rejected)),
      });
    }
  },
  rejects: (rows) => {
    const refused = rows.filter((r) => r.status === 'refused');
    expect(refused.map(({ path, refusal }) => ({ path, refusal }))).toEqual([
      { path: 'power/unknown.csv', refusal: 'format-unknown' },
    ]);
    // Every row that the simulator made unreadable, file by file.
    const expected = lake.truth.runs
      .flatMap(({ run, files }) => files.map(({ path, rejectedRows }) => `${run} ${path} ${rejectedRows}`))
      .filter((line) => !line.endsWith(' 0'));
    expect(expected.length).toBeGreaterThan(2);
    const accepted = rows.filter((r) => r.status === 'accepted');
    expect(accepted.map((r) => `${r.run} ${r.path} ${r.rows_rejected}`).sort()).toEqual(expected.sort());
    for (const row of accepted) near(row.rejected_ratio, Number(row.rows_rejected) / Number(row.rows_read));
  },
  lag: (rows) => {
    const telemetry = lake.receipts.filter((r) => r.outputs.segments !== null && r.timeRange);
    expect(rows).toHaveLength(telemetry.length);
    for (const { run, path, behind_s } of rows) {
      const receipt = telemetry.find((r) => r.run === run && r.path === path);
      const stopMs = lake.truth.runs.find((r) => r.run === run)?.stopMs as number;
      near(behind_s, (stopMs - (receipt?.timeRange?.stopMs as number)) / 1e3);
    }
  },
  'energy-by-run': (rows) => {
    expect(rows.map((r) => r.run).sort()).toEqual(lake.truth.runs.map((r) => r.run).sort());
    for (const row of rows) {
      const truth = lake.truth.runs.find((r) => r.run === row.run);
      const evaluation = lake.evaluations.find((e) => e.run === row.run) as Evaluation;
      expect(row).toMatchObject({ day: dayOf(evaluation.startMs), evidence: evaluation.evidence });
      near(row.trapezoid_j, evaluation.energy.clippedTrapezoidJ as number);
      near(row.trapezoid_j, truth?.energyJ as number, TRUTH_TOLERANCE);
      near(row.energy_per_useful_token_j, truth?.energyPerUsefulTokenJ as number, TRUTH_TOLERANCE);
    }
  },
  'energy-per-token-by-chip': (rows) => {
    const chips = rows.filter((r) => r.kind === 'chip');
    expect(chips.map((r) => r.id).sort()).toEqual(lake.truth.chips.map((c) => c.id).sort());
    for (const row of chips) {
      const truth = lake.truth.chips.find((c) => c.id === row.id);
      expect(row).toMatchObject({ lot: truth?.lot, bin: truth?.bin, role: truth?.role });
      const logs = unitsOf(row).map(logOf);
      expect(row.runs).toBe(logs.length);
      near(row.energy_per_useful_token_j, Math.exp(mean(logs)));
      near(
        row.energy_per_useful_token_j,
        Math.exp(truth?.meanEnergyPerUsefulTokenLog.small as number),
        TRUTH_TOLERANCE,
      );
      near(row.log_sd, Math.sqrt(sum(logs.map((l) => (l - mean(logs)) ** 2)) / (logs.length - 1)), 1e-6);
    }
  },
  'worst-chips': (rows) => {
    const ratios = rows.map((r) => Number(r.ratio_to_side));
    expect(ratios).toEqual([...ratios].sort((a, b) => b - a));
    for (const row of rows) {
      const beside = unitsOf(row).map(
        (u) => logOf(u) - mean(u.of.units.filter((o) => o.kind === u.kind).map(logOf)),
      );
      near(row.ratio_to_side, Math.exp(mean(beside)));
    }
    // The chip that is worst by the simulator, on the side where the spread is widest, leads the list of its side.
    for (const role of ['candidate', 'baseline'] as const) {
      const worst = lake.truth.chips
        .filter((c) => c.role === role)
        .sort(
          (a, b) =>
            (b.meanEnergyPerUsefulTokenLog.small as number) - (a.meanEnergyPerUsefulTokenLog.small as number),
        )[0];
      expect(rows.find((r) => r.role === role && r.kind === 'chip')?.id).toBe(worst?.id);
    }
  },
  'coverage-by-scope': (rows) => {
    const scopes = lake.evaluations.flatMap((e) => e.scopes.map((s) => ({ ...s, role: e.role })));
    expect(sum(rows.map((r) => Number(r.runs)))).toBe(scopes.length);
    for (const row of rows) {
      const same = scopes.filter(
        (s) => s.role === row.role && s.id === row.id && s.boundary === row.boundary,
      );
      near(row.least_coverage_ratio, Math.min(...same.map((s) => s.coverageRatio as number)));
      near(row.mean_coverage_ratio, mean(same.map((s) => s.coverageRatio as number)));
      near(row.largest_gap_s, Math.max(...same.map((s) => s.maxGapInRunS as number)));
      const bridged = sum(same.map((s) => s.bridgedJ as number));
      near(row.bridged_ratio, bridged / (bridged + sum(same.map((s) => s.measuredJ as number))), 1e-6);
    }
  },
  'verdict-history': (rows) => {
    expect(rows.map((r) => r.file)).toEqual([...lake.decisions.keys()]);
    expect(rows.map((r) => r.is_latest)).toEqual([false, true]);
    for (const row of rows) {
      const decision = lake.decisions.get(row.file as string);
      const of = (result: string) => decision?.gates.filter((g) => g.result === result).length;
      expect(row).toMatchObject({ date: decision?.date, verdict: decision?.verdict });
      expect(row).toMatchObject({
        passed: of('pass'),
        failed: of('fail'),
        not_decidable: of('not decidable'),
      });
      expect(row.gates).toBe(decision?.gates.length);
    }
  },
  gates: (rows) => {
    const { gates, date } = lake.latestDecision;
    expect(rows.map((r) => `${r.id} ${r.workload}`).sort()).toEqual(
      gates.map((g) => `${g.id} ${g.workload}`).sort(),
    );
    for (const row of rows) {
      const gate = gates.find((g) => g.id === row.id && g.workload === row.workload);
      expect(row).toMatchObject({ date, result: gate?.result, ratio: gate?.ratio, high: gate?.high });
      expect(row).toMatchObject({ threshold: gate?.threshold, needs: gate?.needs?.text ?? null });
    }
  },
  'ratio-over-nights': (rows) => {
    const expected = lake.latestDecision.contrasts.flatMap((c) =>
      c.nights.map((n) => ({ ...c, ...n, ratio_so_far: n.ratio, ratio_of_night: n.ofNight })),
    );
    expect(rows.length).toBe(expected.length);
    expect(rows.length).toBeGreaterThan(8);
    for (const row of rows) {
      const night = expected.find((n) => n.metric === row.metric && n.night === row.night);
      expect(row).toMatchObject({ ratio_so_far: night?.ratio_so_far, low: night?.low, high: night?.high });
    }
    const last = rows.filter((r) => r.metric === 'energy-per-useful-token').at(-1);
    near(
      last?.ratio_so_far,
      lake.truth.workloads[0]?.realised.energyPerUsefulToken as number,
      TRUTH_TOLERANCE,
    );
  },
  'throttling-by-chip': (rows) => {
    expect(rows.some((r) => Number(r.power_ratio) > 0)).toBe(true);
    for (const row of rows) {
      const same = unitsOf(row);
      const weighted = (reason: 'power' | 'thermal'): number => {
        const read = same.filter((u) => u.throttledRatio[reason] !== null);
        const time = (u: UnitOfRun): number => u.of.stopMs - u.of.startMs;
        return (
          sum(read.map((u) => (u.throttledRatio[reason] as number) * time(u))) / sum(read.map((u) => time(u)))
        );
      };
      near(row.power_ratio, weighted('power'), 1e-9);
      near(row.thermal_ratio, weighted('thermal'), 1e-9);
      expect(row.runs).toBe(same.length);
    }
  },
  'bytes-by-program': (rows) => {
    const bytes = sum(lake.receipts.map((r) => r.source.sizeBytes));
    expect(sum(rows.map((r) => Number(r.bytes)))).toBe(bytes);
    near(sum(rows.map((r) => Number(r.usd_per_month))), (bytes / 1e9) * 0.023, 1e-9);
  },
  'power-by-minute': (rows) => {
    const receipts = lake.receipts.filter((r) => r.run === theRun() && r.outputs.segments !== null);
    for (const scope of receipts.flatMap((r) => r.scopes)) {
      const same = rows.filter((r) => r.scope === scope.id);
      expect(same.every((r) => Number(r.window_ms) % 60_000 === 0)).toBe(true);
      near(sum(same.map((r) => Number(r.energy_j))), scope.energyJ as number, 1e-6);
      for (const row of same) {
        expect(Number(row.mean_power_w)).toBeGreaterThanOrEqual(Number(row.least_power_w));
        expect(Number(row.mean_power_w)).toBeLessThanOrEqual(Number(row.most_power_w));
      }
    }
    expect(rows.length).toBeGreaterThan(0);
  },
  'loss-by-step': (rows) => {
    const truth = lake.truth.runs.find((r) => r.run === theRun());
    expect(rows.at(-1)?.step).toBe(truth?.usefulSteps);
    // Log lines scatter by 0.4 %.
    near(rows.at(-1)?.loss, truth?.finalLoss as number, 0.03);
    expect(sum(rows.map((r) => Number(r.lines)))).toBeGreaterThanOrEqual(rows.length);
  },
};

describe.runIf(duckdb !== null)('on a simulated pilot', () => {
  beforeAll(async () => {
    lake = await simulatedLake();
    connection = await LakeConnection.open(lake.store, duckdb as string);
  });
  afterAll(() => {
    connection?.close();
    if (lake) rmSync(lake.store, { recursive: true, force: true });
  });

  test('every named query has a check, and every check a query', () => {
    expect(Object.keys(CHECKS).sort()).toEqual(namedQueries().map((q) => q.name));
  });
  test.each(namedQueries())('$name answers as the files and the simulator say', async (query) => {
    const values = query.parameters.map((p) => (p === 'program' ? lake.program : theRun()));
    const rows = await ask(query.sql, values);
    expect(rows.length).toBeGreaterThan(0);
    CHECKS[query.name]?.(rows);
    expect(
      await ask(
        query.sql,
        query.parameters.map(() => 'nobody'),
      ),
    ).toEqual([]);
  });

  test('views have the names and types that Athena is told', async () => {
    for (const { name, columns } of LAKE_VIEWS) {
      const described = await ask(`select column_name from (describe ${name})`);
      expect(described.map((r) => r.column_name)).toEqual(columns.map((c) => c.name));
      expect((await ask(`select count(*) as n from ${name}`))[0]?.n).toBeGreaterThan(0);
    }
  });
  test('an evaluation that was replaced is in the files, and not in the view', async () => {
    expect(lake.evaluationFiles).toBeGreaterThan(lake.evaluations.length);
    const [row] = await ask('select count(*) as n, count(distinct run) as runs from evaluations');
    expect(row).toEqual({ n: lake.evaluations.length, runs: lake.evaluations.length });
  });
  test('all that is in the JSON is in the columns, of its type, but for the values of findings', async () => {
    const rows = await ask('select * from evaluations order by run');
    const sorted = [...lake.evaluations].sort((a, b) => (a.run < b.run ? -1 : 1));
    for (const [i, evaluation] of sorted.entries()) {
      const { schema: _, ...written } = JSON.parse(JSON.stringify(evaluation)) as Record<string, unknown>;
      for (const [name, value] of Object.entries(written))
        expect([evaluation.run, name, pruned(rows[i]?.[name])]).toEqual([
          evaluation.run,
          name,
          pruned(value),
        ]);
    }
    const [decision] = await ask('select * from decisions where isLatest');
    for (const [name, value] of Object.entries(lake.latestDecision))
      if (name !== 'schema') expect([name, pruned(decision?.[name])]).toEqual([name, pruned(value)]);
  });
  test('JSON of one line, as Athena needs it, reads as that of many', async () => {
    const [first] = await ask(
      'select "$path" as path from evaluation_files where schema is not null limit 1',
    );
    const before = await ask('select * from evaluations order by run');
    const text = readFileSync(first?.path as string, 'utf8');
    writeFileSync(first?.path as string, `${JSON.stringify(JSON.parse(text))}\n`);
    expect(await ask('select * from evaluations order by run')).toEqual(before);
    writeFileSync(first?.path as string, text);
  });

  test.each([
    ['select 1; select 2', /2 statements; expected one SELECT/],
    ["copy (select 1) to 'x.csv'", /disabled by configuration/],
    ["copy (select 1) to '<lake>/x.csv'", /changes something; expected a SELECT/],
    ['create table t as select 1', /changes something; expected a SELECT/],
    ["select * from read_csv('/etc/passwd')", /disabled by configuration/],
    ['select nothing from receipts', /"nothing" not found/],
    ['select ?', /1 parameters and 0 values; expected as many/],
  ])('%s is refused', async (sql, message) => {
    await expect(ask(sql.replace('<lake>', `${realpathSync(lake.store)}/lake`))).rejects.toThrow(message);
  });
});

/** A value without what is null: an absent key of JSON is null in a struct; and without what has no column. */
function pruned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pruned);
  if (typeof value !== 'object' || value === null) return value ?? null;
  const entries = Object.entries(value)
    .filter(([name]) => !OF_SEVERAL_TYPES.has(name))
    .map(([name, inner]) => [name, pruned(inner)] as const)
    .filter(([, inner]) => inner !== null);
  return entries.length === 0 ? null : Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Of findings: numbers, texts and lists of them, by name. */
const OF_SEVERAL_TYPES = new Set(['values']);
