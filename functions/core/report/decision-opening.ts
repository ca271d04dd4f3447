import type { Decision } from '../decision/decision.ts';
import { meaningOf } from './decision-meaning.ts';
import { type Fact, headlineFacts } from './headline-facts.ts';
import { type Html, html } from './html.ts';
import { simulatedBanner } from './page.ts';
import { policyBanner } from './policy-section.ts';

/** Reasons, and things that would change the verdict, that the first screen has room for. */
const FIRST = 3;

function banners(decision: Decision): Html {
  const { simulated, methodConflict, sets } = decision;
  const assumed = sets.filter((s) => s.boundaryBasis === 'assumed');
  return html`${simulatedBanner(simulated)}${policyBanner(decision)}${methodConflict ? html`<p class="banner"><strong>The verdict depends on the energy method.</strong> ${methodConflict.message}</p>` : null}${assumed.length > 0 ? html`<p class="banner"><strong>Boundary assumed.</strong> No file of ${assumed.map((s) => s.id).join(', ')} states what its power readings cover.</p>` : null}`;
}

/** A number and its per cent sign stay on one line. */
const unbroken = (text: string): string => text.replaceAll(/(\d) %/g, '$1\u00a0%');

function column(title: string, lines: readonly string[], none: string): Html {
  const items = (some: readonly string[]): Html =>
    html`<ul>${some.map((line) => html`<li>${unbroken(line)}</li>`)}</ul>`;
  const rest = lines.slice(FIRST);
  return html`<section><h2>${title}</h2>${lines.length === 0 ? html`<p>${none}</p>` : items(lines.slice(0, FIRST))}${rest.length > 0 ? html`<details class="brief"><summary>${rest.length} more</summary>${items(rest)}</details>` : null}</section>`;
}

const factItem = ({ figure, about }: Fact): Html => html`<li><b>${figure}</b><span>${about}</span></li>`;

/** The first screen: the verdict, its three reasons and what would change it; then the figures. */
export function decisionOpening(decision: Decision): Html {
  const { program, date, policy, verdict, reasons, next } = decision;
  const facts = headlineFacts(decision);
  return html`${banners(decision)}<header class="opening">
<h1>${program} · ${date} · policy ${policy.name}</h1>
<p class="verdict ${verdict}">${verdict}</p>
<p class="lead">${meaningOf(decision)}</p>
<div class="columns">${column('Why', reasons, 'No gate says why.')}${column('What would change it', next, 'Nothing that a gate measures.')}</div></header>
${facts.length > 0 ? html`<ul class="facts">${facts.map(factItem)}</ul>` : null}`;
}
