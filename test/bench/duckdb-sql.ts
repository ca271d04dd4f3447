import { RANGES } from '../../functions/core/telemetry/plausible.ts';
import { WINDOW_MS } from '../../functions/core/telemetry/segment-fold.ts';

/** Columns of the benchmark's CSV: those before the counters are gauges. */
export const GAUGES = [
  'power_w',
  'temperature_c',
  'clock_hz',
  'utilization_ratio',
  'tensor_active_ratio',
  'throttled_power_ratio',
  'throttled_thermal_ratio',
] as const;
export const COUNTERS = ['energy_j', 'ecc_corrected_total', 'work_total'] as const;
const FIELDS = [...GAUGES, ...COUNTERS];

/** Most that a chip can draw, in W; what its energy counter may rise by follows from it (`segment-fold.ts`). */
const LIMIT_W = 20_000;
const SLACK_MS = 1_000;
/** Buckets of interval lengths as `ledger.ts` has them. */
const BUCKET = 'round(log2(least(greatest(length_ms, 1), 86400000)) * 16 + 0.35)';

const each = (fields: readonly string[], text: (field: string) => string): string => fields.map(text).join(', ');
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const readCsv = (path: string): string =>
  `read_csv(${quoted(path)}, header = true, store_rejects = true, rejects_limit = 0, ` +
  `columns = {'time': 'TIMESTAMPTZ', 'scope': 'VARCHAR', ${each(FIELDS, (f) => `'${f}': 'DOUBLE'`)}})`;

/** What cannot be a reading takes its whole row with it; nothing read is no fault. */
const inRange = (field: string): string => {
  const [low, high] = RANGES[field as keyof typeof RANGES] ?? [0, field === 'power_w' ? LIMIT_W : Number.MAX_VALUE];
  return `(${field} IS NULL OR ${field} BETWEEN ${low} AND ${high})`;
};

/** A counter's interval in which it fell, or its energy rose by more than the chip can draw. */
const isBroken = (field: string): string =>
  field === 'energy_j'
    ? `energy_j - p_energy_j NOT BETWEEN 0 AND ${LIMIT_W / 1000} * (ms - p_ms + ${SLACK_MS})`
    : `${field} < p_${field}`;

const atEdge = (field: string, edge: string): string =>
  `p_${field} + (${edge} - p_ms) / (ms - p_ms) * (${field} - p_${field})`;

/** One piece of an interval: from its window, between two times, with each field at both. */
const piece = (fromMs: string, toMs: string, isFirstPiece: boolean): string =>
  `SELECT scope, floor(${isFirstPiece ? 'p_ms' : 'ms'} / ${WINDOW_MS}) * ${WINDOW_MS} AS window_ms, ` +
  `${fromMs} AS from_ms, ${toMs} AS to_ms, length_ms, ${isFirstPiece ? 0 : 1} AS ends, ` +
  `${isFirstPiece ? 'false AS starts_cut, true' : 'ms > edge_ms AS starts_cut, false'} AS stops_cut, ` +
  each(COUNTERS, (f) => `${f}_broken`) +
  `, ${each(FIELDS, (f) =>
    isFirstPiece ? `p_${f} AS a_${f}, ${atEdge(f, 'edge_ms')} AS b_${f}` : `${atEdge(f, 'edge_ms')} AS a_${f}, ${f} AS b_${f}`,
  )} FROM crossing`;

/** Sums of pieces by window and bucket of interval length; the first of the two steps, and nearly all of the work. */
const BY_BUCKET =
  `SELECT scope, window_ms, ${BUCKET} AS bucket, min(from_ms) AS first_ms, max(to_ms) AS last_ms, ` +
  'arg_min(starts_cut, from_ms) AS first_is_cut, bool_or(stops_cut) AS last_is_cut, ' +
  'sum(ends) AS readings, max(length_ms) AS max_interval_ms, sum(to_ms - from_ms) AS bucket_ms, ' +
  each(
    GAUGES,
    (f) =>
      `sum((to_ms - from_ms) / 1000 * (a_${f} + b_${f}) / 2) AS ${f}_integral, ` +
      `min(least(a_${f}, b_${f})) AS ${f}_min, max(greatest(a_${f}, b_${f})) AS ${f}_max`,
  ) +
  ', ' +
  each(
    COUNTERS,
    (f) =>
      `coalesce(sum(b_${f} - a_${f}) FILTER (NOT ${f}_broken), 0) AS ${f}_delta, ` +
      `count(*) FILTER (${f}_broken AND ends = 1) AS ${f}_resets, ` +
      `coalesce(sum(to_ms - from_ms) FILTER (${f}_broken), 0) AS ${f}_broken_ms`,
  ) +
  `, ${each(FIELDS, (f) => `arg_min(a_${f}, to_ms) AS ${f}_first, arg_max(b_${f}, to_ms) AS ${f}_last`)} ` +
  'FROM pieces GROUP BY scope, window_ms, bucket';

const BY_WINDOW =
  'SELECT scope, window_ms, min(first_ms) AS first_ms, max(last_ms) AS last_ms, ' +
  'arg_min(first_is_cut, first_ms) AS first_is_cut, bool_or(last_is_cut) AS last_is_cut, ' +
  'sum(readings) AS readings, coalesce(max(max_interval_ms), 0) AS max_interval_ms, ' +
  'list([bucket, readings, bucket_ms, power_w_integral] ORDER BY bucket) FILTER (bucket IS NOT NULL) AS power_w_ledger, ' +
  each(GAUGES, (f) => `sum(${f}_integral) AS ${f}_integral, min(${f}_min) AS ${f}_min, max(${f}_max) AS ${f}_max`) +
  ', ' +
  each(
    COUNTERS,
    (f) => `sum(${f}_delta) AS ${f}_delta, sum(${f}_resets) AS ${f}_resets, sum(${f}_broken_ms) AS ${f}_broken_ms`,
  ) +
  `, ${each(FIELDS, (f) => `arg_min(${f}_first, last_ms) AS ${f}_first, arg_max(${f}_last, last_ms) AS ${f}_last`)} ` +
  'FROM by_bucket GROUP BY scope, window_ms';

/** The job of an ingest as one statement. An interval over more than one edge, which the file has not, is not cut twice. */
export const sameJob = (csv: string, parquet: string): string =>
  `COPY (WITH accepted AS (SELECT scope, epoch_ms(time)::DOUBLE AS ms, ${FIELDS.join(', ')} FROM ${readCsv(csv)} ` +
  `WHERE ${FIELDS.map(inRange).join(' AND ')}), ` +
  `pairs AS (SELECT *, lag(ms) OVER chip AS p_ms, ${each(FIELDS, (f) => `lag(${f}) OVER chip AS p_${f}`)} ` +
  'FROM accepted WINDOW chip AS (PARTITION BY scope ORDER BY ms)), ' +
  `intervals AS MAT (SELECT *, ms - p_ms AS length_ms, floor(p_ms / ${WINDOW_MS} + 1) * ${WINDOW_MS} AS edge_ms, ` +
  `${each(COUNTERS, (f) => `coalesce(${isBroken(f)}, false) AS ${f}_broken`)} FROM pairs), ` +
  'crossing AS (SELECT * FROM intervals WHERE ms >= edge_ms), ' +
  `pieces AS (SELECT scope, floor(ms / ${WINDOW_MS}) * ${WINDOW_MS} AS window_ms, coalesce(p_ms, ms) AS from_ms, ` +
  'ms AS to_ms, length_ms, 1 AS ends, false AS starts_cut, false AS stops_cut, ' +
  each(COUNTERS, (f) => `${f}_broken`) +
  `, ${each(FIELDS, (f) => `coalesce(p_${f}, ${f}) AS a_${f}, ${f} AS b_${f}`)} FROM intervals ` +
  `WHERE p_ms IS NULL OR ms < edge_ms UNION ALL ${piece('p_ms', 'edge_ms', true)} UNION ALL ${piece('edge_ms', 'ms', false)}), ` +
  `by_bucket AS (${BY_BUCKET}) ${BY_WINDOW}) TO ${quoted(parquet)} (FORMAT PARQUET, COMPRESSION ZSTD)`;
