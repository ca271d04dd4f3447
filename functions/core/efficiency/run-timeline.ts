import * as z from 'zod';

const SeriesSchema = z.array(z.number().nullable());

/** Over several scopes, step by step. */
export const BandSchema = z.strictObject({ mean: SeriesSchema, low: SeriesSchema, high: SeriesSchema });
export type Band = z.infer<typeof BandSchema>;

/** What lies on one time: `fromMs` to `atMs` was lost by a restart; of other marks both are the same. */
export const TimelineMarkSchema = z.strictObject({
  kind: z.enum(['restart', 'evaluation']),
  fromMs: z.number(),
  atMs: z.number(),
  fromStep: z.number().nullable().describe('steps that stood when training went on'),
});
export type TimelineMark = z.infer<typeof TimelineMarkSchema>;

/** Mean power of chips or nodes in time, in W: a row a chip, or several neighbours where there are many. */
export const HeatMapSchema = z.strictObject({
  kind: z.enum(['chip', 'node']),
  stepMs: z.number().describe('of a column; the first one begins with the timeline'),
  rows: z.array(
    z.strictObject({ first: z.string(), last: z.string(), count: z.int().positive(), powerW: SeriesSchema }),
  ),
});
export type HeatMap = z.infer<typeof HeatMapSchema>;

/** Evenly spaced means around the run; null where it was not read. */
export const TimelineSchema = z.strictObject({
  startMs: z.number(),
  stepMs: z.number(),
  powerW: SeriesSchema.describe('of the whole system'),
  scopes: z
    .strictObject({
      kind: z.enum(['chip', 'node']),
      count: z.int().positive(),
      lowQuantile: z.number().describe('of the scopes, that low of a band is'),
      highQuantile: z.number(),
      powerW: BandSchema.nullable(),
      temperatureC: BandSchema.nullable(),
      clockHz: BandSchema.nullable(),
      throttledRatio: z
        .strictObject({
          power: SeriesSchema.nullable(),
          thermal: SeriesSchema.nullable(),
          other: SeriesSchema.nullable(),
        })
        .nullable()
        .describe('share of the time that a scope was held back, mean over scopes'),
    })
    .nullable()
    .default(null)
    .describe('over the chips that were read, else the nodes'),
  heatMap: HeatMapSchema.nullable().default(null),
  work: z
    .strictObject({ unit: z.enum(['token', 'sample']), perSecond: SeriesSchema })
    .nullable()
    .default(null)
    .describe('useful work a second of the whole run, by the training logs; 0 where none was kept'),
  marks: z.array(TimelineMarkSchema).default([]),
});
export type Timeline = z.infer<typeof TimelineSchema>;
