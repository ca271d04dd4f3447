import { clockFindings } from '../core/efficiency/clock-check.ts';
import { evaluateRun } from '../core/efficiency/evaluate-run.ts';
import type { ScopeInput } from '../core/efficiency/evaluate-scope.ts';
import { type Evaluation, EvaluationSchema } from '../core/efficiency/evaluation.ts';
import { type FoldPart, foldScope, mergeLogs } from '../core/efficiency/scope-fold.ts';
import type { SourceUse } from '../core/efficiency/scope-plan.ts';
import { TimelineBuilder } from '../core/efficiency/timeline.ts';
import { gridOf } from '../core/efficiency/timeline-bins.ts';
import { TransientError } from '../core/errors.ts';
import { renderChipsCsv } from '../core/report/run-chips-csv.ts';
import { renderRunHtml } from '../core/report/run-html.ts';
import { renderRunMarkdown } from '../core/report/run-markdown.ts';
import type { RunManifest } from '../core/telemetry/manifest.ts';
import { EMPTY_SEGMENT } from '../core/telemetry/merge.ts';
import type { Receipt } from '../core/telemetry/receipt.ts';
import type { Field } from '../core/telemetry/sample.ts';
import type { ReadingLog, Segment } from '../core/telemetry/segment.ts';
import { canonicalJson, lineJson, prettyJson, sha256 } from '../platform/hash.ts';
import { currentManifest } from '../platform/landing.ts';
import { type Outcome, publish, readLatest } from '../platform/latest.ts';
import { evaluationPrefix, type LandingKey, runReportPrefix } from '../platform/layout.ts';
import type { ObjectStore } from '../platform/object-store.ts';
import { inputsDigest, readReceipts, readRunProgress, runInterval } from '../platform/run-inputs.ts';
import { CODE_VERSION } from '../platform/version.ts';
import { powerCurves } from './clock-curves.ts';
import { readRejects } from './read-rejects.ts';
import { drawWindows, limitOf, rereadSource, type Stretch } from './reread.ts';
import {
  groupScopes,
  needsReading,
  readSegments,
  type ScopeGroup,
  type SourceSegments,
  sourceFindings,
  useKey,
} from './scope-sources.ts';

export interface EvaluateDependencies {
  readonly landing: ObjectStore;
  readonly lake: ObjectStore;
  readonly reports: ObjectStore;
}

type RunPlace = Pick<LandingKey, 'program' | 'run'>;

export type EvaluateOutcome =
  | { readonly kind: Outcome; readonly evaluation: Evaluation }
  /** Something is not there yet; its arrival brings the run here again. */
  | { readonly kind: 'waiting'; readonly reason: string };

/** A pointer that others move at the same time is tried again from the start, this often. */
const ATTEMPTS = 8;

/**
 * Evaluates one run from the receipts of all its files, and publishes the result: the evaluation at the digest
 * of its inputs, the report, and `latest.json` by compare-and-swap.
 *
 * The pointer is read before the inputs are listed, so that whoever saw older inputs fails to move it and looks
 * again: it never goes back.
 */
export async function evaluate(
  dependencies: EvaluateDependencies,
  place: RunPlace,
): Promise<EvaluateOutcome> {
  const { lake, reports } = dependencies;
  const prefix = evaluationPrefix(place.program, place.run);
  for (let attempt = 1; ; attempt += 1) {
    const latest = await readLatest(lake, prefix);
    const result = await compute(dependencies, place);
    if ('reason' in result) return { kind: 'waiting', reason: result.reason };
    const { evaluation, digest } = result;
    const report = runReportPrefix(place.program, place.run);
    const outcome = await publish({
      lake,
      reports,
      prefix,
      latest,
      digest,
      result: lineJson(evaluation),
      files: [
        {
          key: `${report}report.html`,
          bytes: Buffer.from(renderRunHtml(evaluation)),
          contentType: 'text/html; charset=utf-8',
        },
        {
          key: `${report}report.md`,
          bytes: Buffer.from(renderRunMarkdown(evaluation)),
          contentType: 'text/markdown; charset=utf-8',
        },
        { key: `${report}report.json`, bytes: prettyJson(evaluation), contentType: 'application/json' },
        {
          key: `${report}chips.csv`,
          bytes: Buffer.from(renderChipsCsv(evaluation)),
          contentType: 'text/csv; charset=utf-8',
        },
      ],
    });
    if (outcome !== 'overtaken') return { kind: outcome, evaluation };
    if (attempt === ATTEMPTS) {
      throw new TransientError(
        'pointer-contended',
        `${prefix}: others moved the pointer ${ATTEMPTS} times while it was evaluated`,
      );
    }
  }
}

async function compute(
  dependencies: EvaluateDependencies,
  place: RunPlace,
): Promise<{ evaluation: Evaluation; digest: string } | { reason: string }> {
  const { landing, lake } = dependencies;
  const manifest = await currentManifest(landing, place);
  if (!manifest) return { reason: 'no usable run.json yet' };
  const { receipts, missing } = await readReceipts({ landing, lake }, place, manifest);
  if (missing.length > 0)
    return { reason: `${missing.length} files are not ingested yet, ${missing[0]} the first` };
  const progress = await readRunProgress(lake, receipts);
  const interval = runInterval(manifest, progress);
  if (!interval) return { reason: 'no run start and stop in any log or in run.json' };
  const accepted = receipts.filter((r) => r.status === 'accepted');
  const timeline = new TimelineBuilder(gridOf(interval.startMs, interval.stopMs));
  const segments = await readSegments(lake, accepted, timeline.windows);
  const groups = groupScopes(accepted, segments);
  const scopes = await foldScopes(dependencies, manifest, interval, { groups, segments, accepted, timeline });
  const evaluation = EvaluationSchema.parse(
    evaluateRun({
      manifest,
      progress,
      ...interval,
      scopes,
      sourceFindings: [
        ...sourceFindings(groups, accepted),
        ...clockFindings(powerCurves(manifest, accepted, segments), interval),
      ],
      receipts,
      timeline: (...drawn) => timeline.build(...drawn),
      rejects: await readRejects(lake, receipts),
      contentDigest: contentDigest(accepted, interval),
      code: CODE_VERSION,
    }),
  );
  return { evaluation, digest: inputsDigest(manifest, receipts) };
}

/** Two runs with the same telemetry bytes and the same start and stop are one run, handed in twice. */
function contentDigest(receipts: readonly Receipt[], interval: { startMs: number; stopMs: number }): string {
  const telemetry = receipts.filter((r) => r.scopes.some((s) => s.samples > 0));
  const sources = telemetry.length > 0 ? telemetry : receipts;
  const hashes = sources.map((r) => r.contentSha256).sort();
  return sha256(canonicalJson({ hashes, startMs: interval.startMs, stopMs: interval.stopMs })).slice(0, 32);
}

interface Sources {
  readonly groups: readonly ScopeGroup[];
  readonly segments: ReadonlyMap<string, SourceSegments>;
  readonly accepted: readonly Receipt[];
  readonly timeline: TimelineBuilder;
}

/** Clips every scope to the run; reads again only those sources that an end of the run falls into. */
async function foldScopes(
  dependencies: EvaluateDependencies,
  manifest: RunManifest,
  { startMs, stopMs }: { startMs: number; stopMs: number },
  { groups, segments, accepted, timeline }: Sources,
): Promise<ScopeInput[]> {
  const limits = new Map(groups.map((g) => [g.id, limitOf(g.entries.map((e) => e.whole))]));
  const clipped = new Map<string, Segment>();
  const byPath = usesByPath(groups);
  for (const receipt of accepted) {
    const uses = byPath.get(receipt.path) ?? [];
    const reread = uses.filter(({ all }) => all.some((use) => needsReading(use, startMs, stopMs)));
    if (reread.length > 0) {
      const stretches = reread.map(
        ({ scope, all: [use] }): Stretch => ({
          scope,
          fromMs: use.isWhole ? startMs : Math.max(startMs, use.fromMs),
          toMs: use.isWhole ? stopMs : Math.min(stopMs, use.toMs),
        }),
      );
      const drawn = new Map(
        reread.filter((u) => u.isPower).map(({ scope }) => [scope, limits.get(scope) as number]),
      );
      const parts = await rereadSource(
        dependencies.landing,
        receipt,
        manifest,
        stretches,
        timeline.samples,
        drawn,
      );
      for (const [i, { scope, key }] of reread.entries())
        clipped.set(`${scope}\n${key}`, parts[i] as Segment);
    }
    const isReread = new Set(reread);
    for (const { scope, isPower } of uses.filter((use) => !isReread.has(use))) {
      const windows = segments.get(receipt.path)?.get(scope);
      if (isPower && windows)
        drawWindows(timeline.samples, scope, windows.power, limits.get(scope) as number);
    }
  }
  return groups.map((group) => foldGroup(group, clipped, startMs, stopMs));
}

/** A part of a source, and the uses that fields make of it. */
interface SharedUse {
  readonly scope: string;
  readonly key: string;
  readonly all: [SourceUse, ...SourceUse[]];
  isPower: boolean;
}

/** The uses that are made of each source, by its path; in the order of the groups. */
function usesByPath(groups: readonly ScopeGroup[]): ReadonlyMap<string, readonly SharedUse[]> {
  const byPath = new Map<string, SharedUse[]>();
  for (const { id, plans } of groups) {
    const shared = new Map<string, SharedUse>();
    for (const plan of new Set(plans.values()))
      for (const use of plan.uses) {
        const key = useKey(use);
        const known = shared.get(key);
        if (known) known.all.push(use);
        else {
          const made: SharedUse = { scope: id, key, all: [use], isPower: false };
          shared.set(key, made);
          const own = byPath.get(use.path);
          if (own) own.push(made);
          else byPath.set(use.path, [made]);
        }
      }
    for (const use of plans.get('power_w')?.uses ?? []) (shared.get(useKey(use)) as SharedUse).isPower = true;
  }
  return byPath;
}

function foldGroup(
  group: ScopeGroup,
  clipped: ReadonlyMap<string, Segment>,
  startMs: number,
  stopMs: number,
): ScopeInput {
  const byPath = new Map(group.entries.map((e) => [e.receipt.path, e]));
  const partsOf = (field: Field): FoldPart[] =>
    (group.plans.get(field)?.uses ?? []).map((use) => {
      const whole = byPath.get(use.path)?.whole ?? EMPTY_SEGMENT;
      const isOutside = use.toMs <= startMs || use.fromMs >= stopMs;
      const segment = clipped.get(`${group.id}\n${useKey(use)}`) ?? (isOutside ? EMPTY_SEGMENT : whole);
      return { whole, clipped: segment, isWhole: use.isWhole };
    });
  const uses = (group.plans.get('power_w') ?? group.plans.get('energy_j'))?.uses ?? [];
  const paths = [...new Set(uses.map((u) => u.path))];
  const logs = paths.flatMap((p): ReadingLog[] =>
    byPath.get(p)?.facts.log ? [byPath.get(p)?.facts.log as ReadingLog] : [],
  );
  const facts = (byPath.get(paths[0] ?? '') ?? group.entries[0])?.facts;
  if (!facts) throw new Error(`scope ${group.id} has no source`);
  return {
    facts,
    folded: foldScope(partsOf, startMs, stopMs),
    log: logs.length > 0 ? logs.reduce(mergeLogs) : null,
  };
}
