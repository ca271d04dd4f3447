const IN_RUN_JSON = 'for the file in run.json';

/**
 * What mends a refused file or a rejected row, by its code: said to people, who may know neither the code nor
 * run.json. A test demands an entry for every code that reading a file can produce.
 */
const FIXES: Readonly<Record<string, string>> = {
  // The file as a whole.
  'empty-file': 'Upload the file again; the collector had written nothing when it was copied.',
  'format-unknown':
    'Name one of the formats of docs/formats.md as format, or describe its columns as mapping (wattline map proposes one), ' +
    IN_RUN_JSON,
  'no-rows':
    'Check that the collector ran: the file holds no reading. Leave it out if it holds none for good.',
  'too-many-rejects':
    'Mend what the rows below have in common; where they are known to be bad, raise rejectLimit ' +
    IN_RUN_JSON,
  'boundary-missing': `State what the readings cover as boundary (chip, module, node-dc, node-ac, switch, rack or facility) ${IN_RUN_JSON}`,
  'boundary-after-missing': `State where the conversion leads as boundaryAfter, for instance node-dc, ${IN_RUN_JSON}`,
  'conversion-missing': `State conversionEfficiency beside boundaryAfter ${IN_RUN_JSON}, or leave boundaryAfter out`,
  'out-of-order': 'Sort the file by time, or export each device into a file of its own.',
  'segments-overlap': 'Sort the file by time, or export each device into a file of its own.',
  'line-too-long': 'Check that the file is text with one record a line, and no binary export.',
  'document-too-long': 'Export a shorter time a file, or JSON lines in place of one document.',
  'xml-token-too-long':
    'Check that the file is the XML of nvidia-smi -q -x and was not cut or glued to another.',
  'too-many-columns': 'Export fewer devices a file, or one row a device in place of one column.',
  scopes:
    'Check that the id names a chip or meter and is not another one in every row (a time or a counter, say); split the file otherwise.',
  'too-many-series': 'Export fewer hosts a file.',
  'too-many-readings': 'Export a shorter time a file.',
  'several-runs': 'Export one run a file.',
  'several-series': 'Export one metric of one run a file.',
  'query-failed': 'Run the query again: the file holds the error that the server answered, and no data.',

  // Compression.
  truncated: `Upload the whole file again; where the rest is lost, set acceptTruncated ${IN_RUN_JSON}`,
  corrupt: 'Compress and upload the file again: its compressed bytes are damaged.',
  'trailing-garbage': 'Compress and upload the file again: something else follows its compressed bytes.',
  'decompressed-too-large': 'Split the file before compressing it.',

  // Parquet.
  'parquet-magic': 'Upload the whole file again: it does not begin and end as a Parquet file does.',
  'parquet-footer': 'Write and upload the file again: its footer is damaged.',
  'parquet-corrupt': 'Write and upload the file again: its columns are damaged.',
  'parquet-too-large': 'Write the file with smaller row groups and pages, as writers do by default.',
  'parquet-codec': 'Write the file with Snappy, gzip or zstd, or without compression.',
  'parquet-encoding': 'Write the file with plain or dictionary encoding.',
  'parquet-type': 'Write the column as plain numbers, texts or time stamps.',

  // What its columns mean.
  'header-missing': `Keep the line with the column names, or give the names as columns ${IN_RUN_JSON}`,
  'column-missing':
    'Compare the header with the names in the mapping, or with docs/formats.md; mend the one that is wrong.',
  'column-twice': 'Write each column once.',
  'column-unknown': 'Leave the column out, or describe the file by a mapping in place of Wattline CSV.',
  'columns-unknown': 'Export power, energy or another column that the message names.',
  'metrics-unknown': 'Export power or energy too; see docs/formats.md for the metrics that are read.',
  unit: `Export the column with its unit, or describe the file by a mapping with units ${IN_RUN_JSON}`,
  'mapping-missing': `Describe the columns as mapping ${IN_RUN_JSON}; wattline map proposes one`,
  'mapping-form': 'Give format and form of the mapping the same form: csv, jsonl or parquet.',
  'mapping-time': `Name the time column in the mapping ${IN_RUN_JSON}, with the form that it has`,
  'mapping-twice': 'Name each column and each field once in the mapping.',
  'mapping-unit': 'Give the reading in the mapping a unit of its kind, or a scale, not both.',
  'mapping-arrays': 'Map the elements of one array, and split the file where there are several.',
  'scope-missing': `Export a column that tells the devices apart, or name the device under scopes ${IN_RUN_JSON}`,
  'node-missing': `State node, or put {node} into the pattern, ${IN_RUN_JSON}`,

  // Time.
  'time-zone-missing': `State the zone of its local times as timeZone, an IANA name or an offset such as +01:00, ${IN_RUN_JSON}`,
  'time-zone': `Write timeZone as an IANA name (Europe/Berlin) or an offset (+01:00) ${IN_RUN_JSON}`,
  'time-day-missing': `State the day as startTime ${IN_RUN_JSON}: its times have none`,
  'start-time-missing': `State startTime, or put {time} into the pattern, ${IN_RUN_JSON}: the file has no times`,
  'start-time': 'Write startTime as 2026-01-31T12:00:00Z, or name the file so that {time} is such a time.',
  'period-missing': `State periodMs, the time between two polls, ${IN_RUN_JSON}: the file has no times`,
  'time-missing': `Export a time with each row, or state startTime and periodMs ${IN_RUN_JSON}`,
  'time-stamp':
    'Write times as docs/formats.md says for the format; most often a line was cut or mixed with another.',
  'time-twice': 'Write one of the time columns, and leave the others out.',
  'time-skipped': `Check timeZone ${IN_RUN_JSON}: in that zone the clock skips this hour`,
  'time-ambiguous':
    'Log in UTC, or with an offset: in that zone the clock shows this hour twice, and nothing says which it was.',

  // A row.
  cells: 'Check the line: a cell is missing, too many, or has an open quote. Lines of prose may stay.',
  cut: 'Nothing, where the collector was stopped in the middle; else upload the whole file again.',
  'cut-line':
    'Nothing, where a line or two was cut by another process; else log each process into its own file.',
  json: 'Check the line: it is no whole JSON value. Nothing, where the writer was stopped in the middle of the last one.',
  mllog: 'Check the line: what follows :::MLLOG is no whole JSON object.',
  number: 'Write a plain decimal number, or leave the cell blank where there is no reading.',
  range:
    'Check sensor and unit: the value cannot be. A wrong unit is mended by a mapping; a faulty sensor is not.',
  'no-reading': 'Write at least one reading or a step of progress, or leave the row out.',
  scope: 'Write the id of the device (UUID, bus id or serial) in every row.',
  kind: 'Write one kind for a scope throughout: chip, node, switch, rack or facility.',
  boundary: 'Write one boundary for a scope throughout, as docs/formats.md spells it.',
  event: 'Write event as run-start, run-stop, evaluation or step.',
  device: 'Nothing, where a device was lost during the run; else check that the tool printed its readings.',
  metric: 'Check the exporter: a record names no metric.',
  resource: 'Save the resources of the kind that the message names; others in the file are not read.',
  series: 'Check the exporter: a line is no sample in the Prometheus text format.',
  temporality:
    'Export cumulative counters: a change since the last export cannot be placed when one is lost.',

  // run.json, and where things lie.
  'manifest-missing': 'Upload run.json beside the files of the run; they are read as soon as it comes.',
  'not-ingested': 'Wait, or look for the message in the dead-letter queue.',
  'json-syntax': 'Mend the JSON syntax at the place that the message names.',
  'json-shape':
    'Mend the fields that the message names; data/schemas holds the JSON Schema, which editors check.',
  'manifest-place': 'Give program and run in run.json the names of the folders that it lies in.',
  'key-form': 'Upload to <program>/<run>/<path>, of letters, digits, dots, dashes and underscores.',
};

const UNKNOWN = 'Compare the example with docs/formats.md.';

/** What to do about a code, in a sentence; for a code without an entry, where to look. */
export function fixFor(code: string): string {
  const fix = Object.hasOwn(FIXES, code) ? (FIXES[code] as string) : UNKNOWN;
  return fix.endsWith('.') ? fix : `${fix}.`;
}

export const hasFix = (code: string): boolean => Object.hasOwn(FIXES, code);
export const FIX_CODES: readonly string[] = Object.keys(FIXES);
