import { DecisionSchema } from '../core/decision/decision.ts';
import { renderIndexHtml } from '../core/report/index-html.ts';
import { readJson } from '../platform/landing.ts';
import { readLatest } from '../platform/latest.ts';
import { LATEST, programReportPrefix, runReportPrefix } from '../platform/layout.ts';
import type { ObjectStore } from '../platform/object-store.ts';

const RUN_POINTER = /^evaluations\/program=([^/]+)\/run=([^/]+)\/latest\.json$/;

/** The page that leads to every report: the latest decision of each program, and every evaluated run. */
export async function renderIndex(lake: ObjectStore): Promise<Uint8Array> {
  const programs: Parameters<typeof renderIndexHtml>[0][number][] = [];
  for await (const { key } of lake.list('decisions/')) {
    if (!key.endsWith(`/${LATEST}`)) continue;
    const latest = await readLatest(lake, key.slice(0, -LATEST.length));
    const decision = latest && (await readJson(lake, latest.key, DecisionSchema));
    if (!decision) continue;
    const { program, date, verdict, simulated } = decision;
    programs.push({
      program,
      date,
      verdict,
      simulated,
      href: `${programReportPrefix(program, date)}report.html`,
    });
  }
  const runs: Parameters<typeof renderIndexHtml>[1][number][] = [];
  for await (const { key } of lake.list('evaluations/')) {
    const [, program, run] = RUN_POINTER.exec(key) ?? [];
    if (program && run) runs.push({ program, run, href: `${runReportPrefix(program, run)}report.html` });
  }
  return Buffer.from(renderIndexHtml(programs, runs));
}
