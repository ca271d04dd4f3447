import { decideProgram } from '../core/decision/decide-program.ts';
import { type Decision, DecisionSchema } from '../core/decision/decision.ts';
import { DEFAULT_POLICY } from '../core/decision/default-policy.ts';
import { type Policy, PolicySchema } from '../core/decision/policy.ts';
import { RampPlanSchema } from '../core/decision/ramp-plan.ts';
import { nightOf } from '../core/decision/unit-nights.ts';
import { type PriceBasis, PriceBasisSchema } from '../core/efficiency/catalogue.ts';
import { type Evaluation, EvaluationSchema } from '../core/efficiency/evaluation.ts';
import { findPriceBasis } from '../core/efficiency/prices.ts';
import { InputError, TransientError } from '../core/errors.ts';
import { renderDecisionHtml } from '../core/report/decision-html.ts';
import { renderDecisionMarkdown } from '../core/report/decision-markdown.ts';
import { renderDecisionSummary } from '../core/report/decision-summary.ts';
import { nightSummary, runRow } from '../core/report/index-rows.ts';
import { renderUnitsCsv } from '../core/report/units-csv.ts';
import { mapAtOnce } from '../platform/at-once.ts';
import { canonicalJson, lineJson, prettyJson, sha256 } from '../platform/hash.ts';
import { readJson } from '../platform/landing.ts';
import { type Outcome, publish, readLatest } from '../platform/latest.ts';
import {
  decisionPrefix,
  LATEST,
  policyKey,
  pricesKey,
  programReportPrefix,
  rampKey,
} from '../platform/layout.ts';
import type { ObjectStore } from '../platform/object-store.ts';
import { CODE_VERSION } from '../platform/version.ts';
import { type ProgramState, readShelf, summaryKey, writeProgramPages, writeTopIndex } from './index-page.ts';
import { policyHistory } from './policy-history.ts';

export interface DecideDependencies {
  readonly landing: ObjectStore;
  readonly lake: ObjectStore;
  readonly reports: ObjectStore;
}

export interface DecideOutcome {
  readonly kind: Outcome;
  readonly decision: Decision;
  /** What it was decided from. */
  readonly evaluations: readonly Evaluation[];
  /** The verdict differs from the one that stood before. */
  readonly isChanged: boolean;
}

const ATTEMPTS = 8;

/**
 * Decides one program for one night, from the latest evaluation of each of its runs. Deciding again from the
 * same evaluations, policy, prices, plan and date writes the same bytes to the same keys.
 */
export async function decide(
  { landing, lake, reports }: DecideDependencies,
  { program, date }: { readonly program: string; readonly date: string },
): Promise<DecideOutcome> {
  const prefix = decisionPrefix(program);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const latest = await readLatest(lake, prefix);
    const before = latest ? await readJson(lake, latest.key, DecisionSchema) : null;
    const shelf = await readShelf(reports, program);
    const stood = await latestEvaluations(lake, program);
    // An earlier night is decided and reported as it was: it knows nothing of runs that began after it.
    const known = stood.filter((s) => nightOf(s.evaluation) <= date);
    const evaluations = known.map((s) => s.evaluation);
    const policy = (await readJson(landing, policyKey(program), PolicySchema)) ?? DEFAULT_POLICY;
    const prices = await pricesOf(landing, program, policy);
    const plan = await readJson(landing, rampKey(program), RampPlanSchema);
    const history = await policyHistory(lake, program, date, policy);
    const input = {
      program,
      date,
      evaluations,
      policy,
      policyHistory: history,
      prices,
      plan,
      code: CODE_VERSION,
    };
    const decision = DecisionSchema.parse(decideProgram(input));
    // A digest each: all of them in one text may be longer than a string can be.
    const digest = sha256(canonicalJson({ ...input, evaluations: known.map((s) => s.digest) })).slice(0, 32);
    const model = { decision, evaluations, inputsDigest: digest };
    const report = programReportPrefix(program, date);
    const kind = await publish({
      lake,
      reports,
      prefix,
      folder: `date=${date}/`,
      latest,
      isPast: before !== null && before.date > date,
      digest,
      result: lineJson(decision),
      files: [
        {
          key: `${report}report.html`,
          bytes: Buffer.from(renderDecisionHtml(model)),
          contentType: 'text/html; charset=utf-8',
        },
        {
          key: `${report}report.md`,
          bytes: Buffer.from(renderDecisionMarkdown(model)),
          contentType: 'text/markdown; charset=utf-8',
        },
        {
          key: `${report}summary.md`,
          bytes: Buffer.from(renderDecisionSummary(decision, `${report}report.html`)),
          contentType: 'text/markdown; charset=utf-8',
        },
        { key: `${report}report.json`, bytes: prettyJson(decision), contentType: 'application/json' },
        {
          key: `${report}units.csv`,
          bytes: Buffer.from(renderUnitsCsv(decision)),
          contentType: 'text/csv; charset=utf-8',
        },
        {
          key: summaryKey(program, date),
          bytes: lineJson(nightSummary(decision)),
          contentType: 'application/json',
        },
      ],
    });
    if (kind === 'overtaken') continue;
    const first = { shelf, runs: stood.map((s) => runRow(s.evaluation)) };
    await writeProgramPages(reports, { program, date }, first, () =>
      programState({ lake, reports }, program),
    );
    await writeTopIndex({ lake, reports });
    return {
      kind,
      decision,
      evaluations,
      isChanged: kind === 'published' && before?.verdict !== decision.verdict,
    };
  }
  throw new TransientError(
    'pointer-contended',
    `${prefix}: others moved the pointer ${ATTEMPTS} times while it was decided`,
  );
}

interface Standing {
  /** Without its scopes, which no decision looks at: they are half of it, and a program may have many runs. */
  readonly evaluation: Evaluation;
  /** Of the whole. */
  readonly digest: string;
}

/** The evaluation that each run's pointer names, in order of the runs. */
async function latestEvaluations(lake: ObjectStore, program: string): Promise<Standing[]> {
  const runs: string[] = [];
  for await (const { key } of lake.list(`evaluations/program=${program}/`))
    if (key.endsWith(`/${LATEST}`)) runs.push(key.slice(0, -LATEST.length));
  const found = await mapAtOnce(runs, async (prefix): Promise<Standing | null> => {
    const latest = await readLatest(lake, prefix);
    const whole = latest && (await readJson(lake, latest.key, EvaluationSchema));
    return whole && { evaluation: { ...whole, scopes: [] }, digest: sha256(canonicalJson(whole)) };
  });
  return found.filter((s) => s !== null).sort((a, b) => (a.evaluation.run < b.evaluation.run ? -1 : 1));
}

/** What the program's pages show, as it stands now. */
async function programState(
  { lake, reports }: Pick<DecideDependencies, 'lake' | 'reports'>,
  program: string,
): Promise<ProgramState> {
  const shelf = await readShelf(reports, program);
  const stood = await latestEvaluations(lake, program);
  return { shelf, runs: stood.map((s) => runRow(s.evaluation)) };
}

/** The program's own prices where it has some, else the packaged basis that its policy names. */
async function pricesOf(landing: ObjectStore, program: string, policy: Policy): Promise<PriceBasis | null> {
  const own = await readJson(landing, pricesKey(program), PriceBasisSchema);
  if (own && policy !== DEFAULT_POLICY && own.name !== policy.priceBasis)
    throw new InputError(
      'price-basis',
      `${pricesKey(program)}: it holds the price basis ${JSON.stringify(own.name)}; expected ${JSON.stringify(policy.priceBasis)}, which the policy names`,
    );
  return own ?? findPriceBasis(policy.priceBasis);
}
