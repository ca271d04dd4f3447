import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Decision } from '../functions/core/decision/decision.ts';
import { PUBLISHED_POLICY } from '../functions/core/decision/default-policy.ts';
import { PolicySchema } from '../functions/core/decision/policy.ts';
import { PriceBasisSchema } from '../functions/core/efficiency/catalogue.ts';
import { InputError } from '../functions/core/errors.ts';
import { changeText, intervalText, METRIC_NAMES, ratioText } from '../functions/core/report/format.ts';
import { prettyJson } from '../functions/platform/hash.ts';
import { parseJson } from '../functions/platform/landing.ts';
import { policyKey, pricesKey, programReportPrefix } from '../functions/platform/layout.ts';
import { directoryStores, memoryStores, type Stores } from './pipeline.ts';
import { loadRuns } from './run-folder.ts';
import { say, sayJson } from './terminal.ts';
import { boundaryOption } from './usage.ts';
import { decisionOf, evaluationsOf, lastDay, uploadRuns } from './work.ts';

export interface CompareOptions {
  readonly candidate: string;
  readonly baseline: string;
  readonly policy?: string;
  readonly prices?: string;
  readonly date?: string;
  readonly json?: boolean;
  readonly out?: string;
  readonly boundary?: string;
  readonly verbose?: boolean;
}

const PROGRAM = 'comparison';
const DEFAULT_OUT = 'out/compare';

/** `wattline compare`: both folders as one program, through the same handlers as the deployed system. */
export async function compareCommand(options: CompareOptions): Promise<void> {
  const isKept = options.out !== undefined || !options.json;
  const out = options.out ?? DEFAULT_OUT;
  const stores = isKept ? directoryStores(out) : memoryStores();
  const decision = await compareFolders(stores, options);
  if (options.json) sayJson(decision);
  else
    printDecision(decision, join(out, 'reports', programReportPrefix(PROGRAM, decision.date), 'report.html'));
  const refused = decision.refusals[0];
  if (refused && decision.ratios.length === 0)
    throw new InputError('not-comparable', `the two sets cannot be compared: ${refused.reason}`);
}

export async function compareFolders(stores: Stores, options: CompareOptions): Promise<Decision> {
  const boundary = boundaryOption(options.boundary);
  const load = (role: 'candidate' | 'baseline') =>
    loadRuns(options[role], {
      program: PROGRAM,
      role,
      prefix: `${role}-`,
      ...(boundary ? { boundary } : {}),
    });
  const runs = [...(await load('candidate')), ...(await load('baseline'))];
  if (options.policy === undefined)
    await stores.landing.put(policyKey(PROGRAM), prettyJson(PUBLISHED_POLICY));
  else await putOwn(stores, options.policy, PolicySchema, policyKey(PROGRAM));
  await putOwn(stores, options.prices, PriceBasisSchema, pricesKey(PROGRAM));
  const pipeline = await uploadRuns(stores, runs, { isVerbose: options.verbose ?? false });
  const evaluations = await evaluationsOf(stores, runs);
  if (options.date !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(options.date)) {
    throw new InputError('usage', `--date ${JSON.stringify(options.date)}: expected YYYY-MM-DD`);
  }
  await pipeline.night(options.date ? `${options.date}T00:00:00Z` : lastDay(evaluations));
  return decisionOf(stores, PROGRAM);
}

async function putOwn(
  stores: Stores,
  file: string | undefined,
  schema: typeof PolicySchema | typeof PriceBasisSchema,
  key: string,
): Promise<void> {
  if (file === undefined) return;
  const value = parseJson(schema as typeof PolicySchema, readText(file), file);
  await stores.landing.put(key, prettyJson(value), { contentType: 'application/json' });
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new InputError('file', `${file}: cannot be read (${(cause as Error).message})`, { cause });
  }
}

export function printDecision(decision: Decision, report: string): void {
  if (decision.methodConflict) say(`${decision.methodConflict.message}\n`);
  say(`${decision.simulated ? 'SIMULATED DATA  ' : ''}verdict: ${decision.verdict}`);
  for (const reason of decision.reasons) say(`  ${reason}`);
  say('');
  const overNights = decision.contrasts.filter(
    (c) => c.nightly !== null || decision.policy.monitoring.kind !== 'once',
  );
  for (const c of overNights) say(contrastLine(c));
  for (const r of overNights.length > 0 ? [] : decision.ratios) {
    say(
      `${(METRIC_NAMES[r.metric] ?? r.metric).padEnd(18)} ${ratioText(r.ratio)}  ${changeText(r.ratio)}, ${intervalText(r.low, r.high, r.confidence)}  (${r.method}; ${r.n.candidate} against ${r.n.baseline} runs)`,
    );
  }
  for (const line of decision.next) say(`next: ${line}`);
  say(`\nreport: ${report}`);
}

/** A contrast on one line, with the interval that holds at every night, or that of runs where they are the units. */
function contrastLine(c: Decision['contrasts'][number]): string {
  const interval = c.nightly ?? c.population;
  const text = interval ? intervalText(interval.low, interval.high, interval.confidence) : 'no interval yet';
  const over = c.nights.length > 0 ? `, ${c.nights.length} nights` : '';
  return `${c.workload}, ${METRIC_NAMES[c.metric] ?? c.metric}: ${ratioText(c.ratio)}  ${changeText(c.ratio)}, ${text}  (${c.n.candidate} against ${c.n.baseline} ${c.unit}s${over}; ${c.method})`;
}
