import * as z from 'zod';
import { FIELDS } from './sample.ts';
import { scaleOf, UNIT_NAMES } from './units.ts';

/** How a time stamp is written. `iso` reads `2026-01-31T12:00:00.5Z`, with `/` or a blank too, and local ones. */
export const TIME_FORMS = [
  'iso',
  'unix-s',
  'unix-ms',
  'unix-us',
  'unix-ns',
  'month-first',
  'day-first',
  'ctime',
  'clock',
  'elapsed-s',
  'elapsed-ms',
  'elapsed-us',
  'elapsed-ns',
] as const;
/** Date, time of day and zone. */
const MOST_TIME_COLUMNS = 3;
export type TimeForm = (typeof TIME_FORMS)[number];

const UnitSchema = z
  .string()
  .refine((unit) => scaleOf(unit) !== null, `expected one of ${UNIT_NAMES.join(', ')}`)
  .describe('unit of the numbers in the file');

const ReadingSchema = z.strictObject({
  field: z.enum(FIELDS).describe('what it is here; energy_j and the fields after it are counters'),
  unit: UnitSchema.optional().describe('absent: SI already'),
  scale: z.number().positive().optional().describe('instead of a unit: numbers times this are SI'),
  sentinels: z
    .array(z.number())
    .optional()
    .describe('numbers that mean "no reading", as they stand in the file'),
});
export type MappedReading = z.infer<typeof ReadingSchema>;

/**
 * What the columns of a file of your own mean. A column is a header's text in CSV, a path such as `chip.power` in
 * JSON lines (`chips[].power` where each element of an array is a row), a column's name in Parquet. Columns that are
 * not named here are not read.
 */
export const MappingSchema = z
  .strictObject({
    form: z.enum(['csv', 'jsonl', 'parquet']),
    delimiter: z.enum([',', ';', '\t', '|', ' ']).optional().describe('CSV; absent: a comma'),
    decimal: z
      .literal(',')
      .optional()
      .describe('CSV whose numbers have a comma before their fraction; absent: a point'),
    time: z
      .strictObject({
        column: z
          .union([z.string(), z.array(z.string().min(1)).min(2).max(MOST_TIME_COLUMNS)])
          .describe('several where date and time of day stand apart; "" is the index that pandas writes'),
        form: z
          .enum(TIME_FORMS)
          .describe('clock: a time of day; the day comes from startTime. elapsed-s: since startTime'),
      })
      .optional()
      .describe('absent: rows stand periodMs apart, from startTime on'),
    kind: z.enum(['chip', 'node', 'switch', 'rack', 'facility']).optional().describe('absent: chip'),
    scope: z
      .array(z.string().min(1))
      .optional()
      .describe('columns whose texts, joined by /, are the id of the scope'),
    scopeId: z
      .string()
      .min(1)
      .optional()
      .describe(
        'the id itself, where the whole file is of one scope; {node} stands for the node of the file',
      ),
    nulls: z.array(z.string()).optional().describe('further spellings of "no reading"; case does not matter'),
    readings: z
      .array(
        ReadingSchema.extend({
          column: z.string().min(1),
          scope: z
            .string()
            .min(1)
            .optional()
            .describe(
              'wide tables: the scope that this column is of; {node} stands for the node of the file',
            ),
        }),
      )
      .optional(),
    long: z
      .strictObject({
        metric: z.string().min(1).describe('column that names the metric of a row'),
        value: z.string().min(1).describe('column that holds its value'),
        readings: z
          .record(z.string(), ReadingSchema)
          .describe('metric names to what they are; others are left'),
      })
      .optional()
      .describe('tables of one metric a row'),
    progress: z
      .strictObject({
        step: z.string().optional(),
        samples: z.string().optional().describe('total since the start'),
        tokens: z.string().optional().describe('total since the start'),
        realTokens: z.string().optional().describe('total since the start, without padding'),
        loss: z.string().optional(),
      })
      .optional()
      .describe('columns of work done'),
  })
  .refine(
    (m) => m.readings !== undefined || m.long !== undefined || m.progress !== undefined,
    'expected readings, long or progress: nothing would be read',
  );
export type Mapping = z.infer<typeof MappingSchema>;
