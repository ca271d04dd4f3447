import { POWER_LIMITS_W, RANGES } from '../../functions/core/telemetry/plausible.ts';
import { WINDOW_MS } from '../../functions/core/telemetry/window-edges.ts';

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
const LIMIT_W = POWER_LIMITS_W.chip;
const SLACK_MS = 1_000;
/** Buckets of interval lengths as `ledger.ts` has them. */
const BUCKET = 'round(log2(least(greatest(length_ms, 1), 86400000)) * 16 + 0.35)';

const each = (fields: readonly string[], text: (field: string) => string): string =>
  fields.map(text).join(', ');
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const readCsv = (path: string): string =>
  `read_csv(${quoted(path)}, header = true, store_rejects = true, rejects_limit = 0, ` +
  `columns = {'time': 'TIMESTAMPTZ', 'scope': 'VARCHAR', ${each(FIELDS, (f) => `'${f}': 'DOUBLE'`)}})`;

/** What cannot be a reading takes its whole row with it; nothing read is no fault. */
const inRange = (field: string): string => {
  const [low, high] = RANGES[field as keyof typeof RANGES] ?? [
    0,
    field === 'power_w' ? LIMIT_W : Number.MAX_VALUE,
  ];
  return `(${field} IS NULL OR ${field} BETWEEN ${low} AND ${high})`;
};

/** A counter's interval in which it fell, or its energy rose by more than the chip can draw. */
const isBroken = (field: string): string =>
  field === 'energy_j'
    ? `energy_j - p_energy_j NOT BETWEEN 0 AND ${LIMIT_W / 1000} * (ms - p_ms + ${SLACK_MS})`
    : `${field} < p_${field}`;

const atEdge = (field: string): string =>
  `p_${field} + (edge_ms - p_ms) / (ms - p_ms) * (${field} - p_${field})`;

/**
 * The two pieces of an interval that crosses an edge. A reading that lies on the edge ends its interval in the window
 * before, and counts in its own; nothing of the interval is then left for that one.
 */
const beforeEdge = (): string =>
  `SELECT scope, edge_ms - ${WINDOW_MS} AS window_ms, p_ms AS from_ms, edge_ms AS to_ms, length_ms, 0 AS readings, ` +
  'if(ms = edge_ms, 1, 0) AS ends, false AS starts_cut, true AS stops_cut, ' +
  `${each(COUNTERS, (f) => `${f}_broken`)}, ${each(FIELDS, (f) => `p_${f} AS a_${f}, ${atEdge(f)} AS b_${f}`)} FROM crossing`;
const behindEdge = (): string =>
  `SELECT scope, edge_ms AS window_ms, edge_ms AS from_ms, ms AS to_ms, if(ms > edge_ms, length_ms, NULL) AS length_ms, ` +
  '1 AS readings, if(ms > edge_ms, 1, 0) AS ends, ms > edge_ms AS starts_cut, false AS stops_cut, ' +
  `${each(COUNTERS, (f) => `${f}_broken`)}, ${each(FIELDS, (f) => `${atEdge(f)} AS a_${f}, ${f} AS b_${f}`)} FROM crossing`;

/** Sums of pieces by window and bucket of interval length; the first of the two steps, and nearly all of the work. */
const BY_BUCKET =
  `SELECT scope, window_ms, ${BUCKET} AS bucket, min(from_ms) AS first_ms, max(to_ms) AS last_ms, ` +
  'arg_min(starts_cut, from_ms) AS first_is_cut, bool_or(stops_cut) AS last_is_cut, ' +
  'sum(readings) AS readings, sum(ends) AS ends, max(length_ms) AS max_interval_ms, sum(to_ms - from_ms) AS bucket_ms, ' +
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
  `, arg_min({${each(FIELDS, (f) => `'${f}': a_${f}`)}}, to_ms) AS firsts` +
  `, arg_max({${each(FIELDS, (f) => `'${f}': b_${f}`)}}, to_ms) AS lasts ` +
  'FROM pieces GROUP BY scope, window_ms, bucket';

const BY_WINDOW =
  'SELECT scope, window_ms, min(first_ms) AS first_ms, max(last_ms) AS last_ms, ' +
  'arg_min(first_is_cut, first_ms) AS first_is_cut, bool_or(last_is_cut) AS last_is_cut, ' +
  'sum(readings) AS readings, coalesce(max(max_interval_ms), 0) AS max_interval_ms, ' +
  'list([bucket, ends, bucket_ms, power_w_integral] ORDER BY bucket) FILTER (max_interval_ms IS NOT NULL) AS power_w_ledger, ' +
  each(
    GAUGES,
    (f) => `sum(${f}_integral) AS ${f}_integral, min(${f}_min) AS ${f}_min, max(${f}_max) AS ${f}_max`,
  ) +
  ', ' +
  each(
    COUNTERS,
    (f) =>
      `sum(${f}_delta) AS ${f}_delta, sum(${f}_resets) AS ${f}_resets, sum(${f}_broken_ms) AS ${f}_broken_ms`,
  ) +
  ', arg_min(firsts, first_ms) AS firsts, arg_max(lasts, last_ms) AS lasts ' +
  'FROM by_bucket GROUP BY scope, window_ms';

const FLAT =
  'SELECT * EXCLUDE (firsts, lasts), ' +
  `${each(FIELDS, (f) => `firsts.${f} AS ${f}_first, lasts.${f} AS ${f}_last`)} FROM by_window`;

/** The job of an ingest as one statement. An interval over more than one edge, which the file has not, is not cut twice. */
export const sameJob = (csv: string, parquet: string): string =>
  `COPY (WITH accepted AS (SELECT scope, epoch_ms(time)::DOUBLE AS ms, ${FIELDS.join(', ')} FROM ${readCsv(csv)} ` +
  `WHERE ${FIELDS.map(inRange).join(' AND ')}), ` +
  `pairs AS (SELECT *, lag(ms) OVER chip AS p_ms, ${each(FIELDS, (f) => `lag(${f}) OVER chip AS p_${f}`)} ` +
  'FROM accepted WINDOW chip AS (PARTITION BY scope ORDER BY ms)), ' +
  `intervals AS (SELECT *, ms - p_ms AS length_ms, floor(p_ms / ${WINDOW_MS} + 1) * ${WINDOW_MS} AS edge_ms, ` +
  `${each(COUNTERS, (f) => `coalesce(${isBroken(f)}, false) AS ${f}_broken`)} FROM pairs), ` +
  'crossing AS (SELECT * FROM intervals WHERE ms >= edge_ms), ' +
  `pieces AS (SELECT scope, floor(ms / ${WINDOW_MS}) * ${WINDOW_MS} AS window_ms, coalesce(p_ms, ms) AS from_ms, ` +
  'ms AS to_ms, length_ms, 1 AS readings, if(p_ms IS NULL, 0, 1) AS ends, false AS starts_cut, false AS stops_cut, ' +
  each(COUNTERS, (f) => `${f}_broken`) +
  `, ${each(FIELDS, (f) => `coalesce(p_${f}, ${f}) AS a_${f}, ${f} AS b_${f}`)} FROM intervals ` +
  `WHERE p_ms IS NULL OR ms < edge_ms UNION ALL ${beforeEdge()} UNION ALL ${behindEdge()}), ` +
  `by_bucket AS (${BY_BUCKET}), by_window AS (${BY_WINDOW}) ${FLAT}) TO ${quoted(parquet)} (FORMAT PARQUET, COMPRESSION ZSTD)`;

/** What many would write instead: sums by minute, without intervals, cuts, resets and a ledger. */
export const plainJob = (csv: string, parquet: string): string =>
  `COPY (SELECT scope, epoch_ms(time) // ${WINDOW_MS} * ${WINDOW_MS} AS window_ms, count(*) AS readings, ` +
  each(
    FIELDS,
    (f) =>
      `sum(${f}) AS ${f}_sum, min(${f}) AS ${f}_min, max(${f}) AS ${f}_max, first(${f}) AS ${f}_first, last(${f}) AS ${f}_last`,
  ) +
  ` FROM ${readCsv(csv)} WHERE ${FIELDS.map(inRange).join(' AND ')} GROUP BY scope, window_ms) ` +
  `TO ${quoted(parquet)} (FORMAT PARQUET, COMPRESSION ZSTD)`;
