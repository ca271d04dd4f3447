import { COUNTERS, GAUGES, quoted } from './duckdb-sql.ts';

/** Numbers of a window that every contender gives, and how they are called in a segment file. */
const NUMBERS: readonly string[] = [
  ...['first_ms', 'last_ms', 'readings', 'max_interval_ms'],
  ...GAUGES.flatMap((f) => ['integral', 'min', 'max', 'first', 'last'].map((name) => `${f}_${name}`)),
  ...COUNTERS.flatMap((f) => ['delta', 'resets', 'broken_ms', 'first', 'last'].map((name) => `${f}_${name}`)),
];

/** Relative where numbers are large; below one they are compared as they are. */
const apart = (a: string, b: string): string =>
  `coalesce(abs(${a} - ${b}) / greatest(abs(${a}), abs(${b}), 1), if(${a} IS NULL AND ${b} IS NULL, 0, 'inf'::DOUBLE))`;

const FLAGS = ['first_is_cut', 'last_is_cut'].map((f) => `if(a.${f} IS DISTINCT FROM b.${f}, 1, 0)`);

/** Ours is text (bucket, count, ms, joules of each entry); theirs is a list of the same. */
const ledgersApart = (): string => {
  const [ours, theirs] = [
    `flatten(from_json(a.power_w_ledger, '[["DOUBLE"]]'))`,
    'flatten(b.power_w_ledger)',
  ];
  const numbers = `list_transform(list_zip(${ours}, ${theirs}), lambda pair: ${apart('pair[1]', 'pair[2]')})`;
  return `if(len(${ours}) IS DISTINCT FROM len(${theirs}), 'inf'::DOUBLE, coalesce(list_max(${numbers}), 0))`;
};

/** Compares two outputs window by window: sums that tell what was compared, and the largest difference of any number. */
export const difference = (ours: string, theirs: string, hasLedger: boolean): string =>
  `SELECT count(*)::DOUBLE AS windows, sum(a.readings)::DOUBLE AS readings, ` +
  'sum(a.power_w_integral) AS "energyJ", sum(b.power_w_integral) AS "theirEnergyJ", ' +
  'sum(a.energy_j_delta) AS "countedJ", sum(b.energy_j_delta) AS "theirCountedJ", ' +
  'sum(a.energy_j_resets)::DOUBLE AS resets, ' +
  `max(greatest(${[
    ...NUMBERS.map((name) => apart(`a.${name}`, `b.${name}`)),
    ...FLAGS,
    ...(hasLedger ? [ledgersApart()] : []),
  ].join(', ')}))::DOUBLE AS largest ` +
  `FROM read_parquet(${quoted(ours)}) a FULL JOIN read_parquet(${quoted(theirs)}) b USING (scope, window_ms)`;
