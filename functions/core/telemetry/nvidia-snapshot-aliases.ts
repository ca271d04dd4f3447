import * as z from 'zod';
import json from '../../../data/aliases/nvidia-smi-q.json' with { type: 'json' };
import { FIELDS } from './sample.ts';
import { scaleOf } from './units.ts';

const PathsSchema = z.array(z.string().min(1)).min(1);

/** Where `nvidia-smi -q` keeps what, as XML and as text, by generation. Earlier paths win over later ones. */
export const SNAPSHOT_ALIASES = z
  .strictObject({
    source: PathsSchema,
    time: PathsSchema,
    uuid: PathsSchema,
    serial: PathsSchema,
    /** Words for "no reading", in lower case, beside those of every format. */
    nulls: PathsSchema,
    power: PathsSchema,
    modulePower: PathsSchema,
    readings: z.array(
      z.strictObject({
        field: z.enum(FIELDS),
        /** Stands behind the number in the file. */
        unit: z.string().refine((unit) => scaleOf(unit) !== null),
        /** The first group with a reading is taken, and what is read of it is added up. */
        anyOf: z.array(PathsSchema).min(1),
      }),
    ),
    /** 1 where one of them is active. */
    states: z.array(z.strictObject({ field: z.enum(FIELDS), paths: PathsSchema })),
  })
  .parse(json);

/** Every path that is read: the others of the thousand lines of a snapshot are not kept. */
export const SNAPSHOT_PATHS: ReadonlySet<string> = new Set([
  ...SNAPSHOT_ALIASES.uuid,
  ...SNAPSHOT_ALIASES.serial,
  ...SNAPSHOT_ALIASES.power,
  ...SNAPSHOT_ALIASES.modulePower,
  ...SNAPSHOT_ALIASES.readings.flatMap(({ anyOf }) => anyOf.flat()),
  ...SNAPSHOT_ALIASES.states.flatMap(({ paths }) => paths),
]);
