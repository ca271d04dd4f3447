import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { DecisionSchema } from '../functions/core/decision/decision.ts';
import { PolicySchema } from '../functions/core/decision/policy.ts';
import { BaselineSchema, PriceBasisSchema } from '../functions/core/efficiency/catalogue.ts';
import { EvaluationSchema } from '../functions/core/efficiency/evaluation.ts';
import { RunManifestSchema } from '../functions/core/telemetry/manifest.ts';
import { ReceiptSchema } from '../functions/core/telemetry/receipt.ts';

const PUBLIC_FILES = {
  'run@1': { schema: RunManifestSchema, title: 'Wattline run manifest (run.json)' },
  'policy@1': { schema: PolicySchema, title: 'Wattline policy (policy.json)' },
  'prices@1': { schema: PriceBasisSchema, title: 'Wattline price basis (prices.json)' },
  'baseline@1': { schema: BaselineSchema, title: 'Wattline baseline accelerator' },
  'receipt@1': { schema: ReceiptSchema, title: 'Wattline receipt' },
  'evaluation@1': { schema: EvaluationSchema, title: 'Wattline evaluation of a run' },
  'decision@1': { schema: DecisionSchema, title: 'Wattline decision for a program' },
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

export const schemaPath = (name: string): string =>
  fileURLToPath(new URL(`schemas/${name}`, import.meta.url));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const isCheck = process.argv.includes('--check');
  for (const { name, text } of exportedSchemas()) {
    if (!isCheck) writeFileSync(schemaPath(name), text);
    else if (readFileSync(schemaPath(name), 'utf8') !== text) {
      console.error(`data/schemas/${name} is not what the code says; run npm run schemas`);
      process.exitCode = 1;
    }
  }
}
