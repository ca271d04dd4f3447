import policy from '../../data/examples/policy.json' with { type: 'json' };
import prices from '../../data/examples/prices.json' with { type: 'json' };
import ramp from '../../data/examples/ramp.json' with { type: 'json' };
import defaultPolicy from '../../data/policies/default.json' with { type: 'json' };
import { PolicySchema } from '../../functions/core/decision/policy.ts';
import { RampPlanSchema } from '../../functions/core/decision/ramp-plan.ts';
import { PriceBasisSchema } from '../../functions/core/efficiency/catalogue.ts';
import { RunManifestSchema } from '../../functions/core/telemetry/manifest.ts';
import { prettyJson } from '../../functions/platform/hash.ts';
import { manifestKey, policyKey, pricesKey, rampKey } from '../../functions/platform/layout.ts';
import type { InitPlan } from './plan.ts';
import { firstRun, runTemplate } from './run-template.ts';
import { collector, readme } from './texts.ts';

export interface NewFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

const text = (path: string, content: string): NewFile => ({ path, bytes: Buffer.from(content) });
/** What is written is what the schemas accept, key order and all. */
const json = (path: string, value: unknown): NewFile => ({ path, bytes: prettyJson(value) });

/** Every file of a new program, by its path below the folder. */
export function programFiles(
  folder: string,
  plan: InitPlan,
  { withPrices, withRamp }: { readonly withPrices: boolean; readonly withRamp: boolean },
): NewFile[] {
  const { program } = plan;
  const own = {
    ...defaultPolicy,
    name: `${program}-gates`,
    ...(withPrices ? { priceBasis: policy.priceBasis } : {}),
  };
  const [candidate, gpu] = prices.perChipHour;
  const perChipHour = [
    { ...candidate, sku: plan.candidateSku, grade: 'M' },
    { ...gpu, sku: plan.baselineSku, grade: 'M' },
  ];
  const roles = ['candidate', 'baseline'] as const;
  return [
    text('README.md', readme(folder, plan)),
    text('collect.sh', collector(plan)),
    json(policyKey(program), PolicySchema.parse(own)),
    ...(withPrices ? [json(pricesKey(program), PriceBasisSchema.parse({ ...prices, perChipHour }))] : []),
    ...(withRamp ? [json(rampKey(program), RampPlanSchema.parse(ramp))] : []),
    ...roles.map((role) =>
      json(manifestKey(program, firstRun(role)), RunManifestSchema.parse(runTemplate(plan, role))),
    ),
  ];
}
