import type { Verdict } from '../decision/decision.ts';
import { html } from './html.ts';
import { page } from './page.ts';

/** The page that leads to every report. */
export function renderIndexHtml(
  programs: readonly { program: string; date: string; verdict: Verdict; simulated: boolean; href: string }[],
  runs: readonly { program: string; run: string; href: string }[],
): string {
  return page(
    'Wattline reports',
    html`<h1>Wattline reports</h1><h2>Programs</h2>${programs.length === 0 ? html`<p>No decision yet.</p>` : html`<ul>${programs.map((p) => html`<li><a href="${p.href}">${p.program}</a>, ${p.date}: <strong class="${p.verdict}">${p.verdict}</strong>${p.simulated ? ' (simulated data)' : ''}</li>`)}</ul>`}<h2>Runs</h2>${runs.length === 0 ? html`<p>No run evaluated yet.</p>` : html`<ul>${runs.map((r) => html`<li><a href="${r.href}">${r.program} / ${r.run}</a></li>`)}</ul>`}`,
  );
}
