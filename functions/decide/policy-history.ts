import type { Decision } from '../core/decision/decision.ts';
import { type Policy, PolicySchema } from '../core/decision/policy.ts';
import { canonicalJson, lineJson, sha256 } from '../platform/hash.ts';
import { readJson } from '../platform/landing.ts';
import { putIfDifferent } from '../platform/latest.ts';
import { policyVersionKey, policyVersionPrefix } from '../platform/layout.ts';
import type { ObjectStore } from '../platform/object-store.ts';

type History = Decision['policyHistory'];

interface Version {
  readonly from: string;
  readonly digest: string;
}

/** Versions that were kept for nights up to `date`, in order; a policy that did not change is kept once. */
async function versionsUpTo(lake: ObjectStore, program: string, date: string): Promise<Version[]> {
  const versions: Version[] = [];
  for await (const { key } of lake.list(policyVersionPrefix(program))) {
    const [, from, digest] = /\/date=(\d{4}-\d{2}-\d{2})\/([0-9a-f]+)\.json$/.exec(key) ?? [];
    if (from && digest && from <= date) versions.push({ from, digest });
  }
  return versions.sort((a, b) => (`${a.from} ${a.digest}` < `${b.from} ${b.digest}` ? -1 : 1));
}

/**
 * The policies that the nights of a program were decided by, with the one that this night is. A policy is part of
 * what was agreed before the pilot: one that was edited afterwards is kept beside the one that it replaced, and no
 * report can be made that does not show both.
 */
export async function policyHistory(
  lake: ObjectStore,
  program: string,
  date: string,
  policy: Policy,
): Promise<History> {
  const digest = sha256(canonicalJson(policy)).slice(0, 16);
  const before = await versionsUpTo(lake, program, date);
  if (before.at(-1)?.digest !== digest && !before.some((v) => v.from === date && v.digest === digest)) {
    const key = policyVersionKey(program, date, digest);
    await putIfDifferent(lake, key, lineJson(policy), 'application/json');
    before.push({ from: date, digest });
  }
  const history: History = [];
  for (const version of before) {
    if (history.at(-1)?.digest === version.digest) continue;
    const kept = await readJson(lake, policyVersionKey(program, version.from, version.digest), PolicySchema);
    if (kept) history.push({ ...version, policy: kept });
  }
  return history;
}
