import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { DecisionSchema } from '../functions/core/decision/decision.ts';
import { PolicySchema } from '../functions/core/decision/policy.ts';
import { RampPlanSchema } from '../functions/core/decision/ramp-plan.ts';
import { VerdictEventSchema } from '../functions/core/decision/verdict-event.ts';
import { BaselineSchema, PriceBasisSchema } from '../functions/core/efficiency/catalogue.ts';
import { EvaluationSchema } from '../functions/core/efficiency/evaluation.ts';
import { SensorSchema } from '../functions/core/efficiency/sensors.ts';
import { RunManifestSchema } from '../functions/core/telemetry/manifest.ts';
import { ReceiptSchema } from '../functions/core/telemetry/receipt.ts';

const PUBLIC_FILES = {
  'run@1': { schema: RunManifestSchema, title: 'Wattline run manifest (run.json)' },
  'policy@1': { schema: PolicySchema, title: 'Wattline policy (policy.json)' },
  'ramp@1': { schema: RampPlanSchema, title: 'Wattline ramp plan (ramp.json)' },
  'prices@1': { schema: PriceBasisSchema, title: 'Wattline price basis (prices.json)' },
  'baseline@1': { schema: BaselineSchema, title: 'Wattline baseline accelerator' },
  'sensor@1': { schema: SensorSchema, title: 'Wattline power sensor of an accelerator' },
  'receipt@1': { schema: ReceiptSchema, title: 'Wattline receipt' },
  'evaluation@1': { schema: EvaluationSchema, title: 'Wattline evaluation of a run' },
  'decision@1': { schema: DecisionSchema, title: 'Wattline decision for a program' },
  'verdict-event@1': { schema: VerdictEventSchema, title: 'Wattline event of a verdict that changed' },
} as const;

/** File name and text of the JSON Schema of every public file. */
export function exportedSchemas(): { name: string; text: string }[] {
  return Object.entries(PUBLIC_FILES).map(([name, { schema, title }]) => {
    const json = z.toJSONSchema(schema, { io: 'input' });
    return {
      name: `${name}.schema.json`,
      text: `${JSON.stringify({ $id: `wattline/${name}`, title, ...json }, null, 2)}\n`,
    };
  });
}

/** Where the schemas lie in the repository. */
export const SCHEMAS_FOLDER = fileURLToPath(new URL('schemas', import.meta.url));

/** Names of files in a folder of schemas that are missing, differ from what the code says, or belong to nothing. */
export function staleSchemas(folder: string): string[] {
  const wanted = new Map(exportedSchemas().map(({ name, text }) => [name, text]));
  const isStale = (name: string): boolean => {
    const path = join(folder, name);
    return !existsSync(path) || readFileSync(path, 'utf8') !== wanted.get(name);
  };
  return [...new Set([...wanted.keys(), ...readdirSync(folder)])].sort().filter(isStale);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!process.argv.includes('--check'))
    for (const { name, text } of exportedSchemas()) writeFileSync(join(SCHEMAS_FOLDER, name), text);
  for (const name of staleSchemas(SCHEMAS_FOLDER)) {
    console.error(`data/schemas/${name} is not what the code says; run npm run schemas`);
    process.exitCode = 1;
  }
}
