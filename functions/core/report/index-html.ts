import { shortened } from './format.ts';
import { type Html, html } from './html.ts';
import { CELL_LIMIT, type NightSummary } from './index-rows.ts';
import { page, simulatedBanner } from './page.ts';

/** Programs on the page; a company has tens of pilots, not thousands. */
const PROGRAMS_LIMIT = 500;

const folderOf = (program: string): string => `programs/${program}/`;

function programPart(n: NightSummary, isMarked: boolean): Html {
  const figures = n.figures.map((f) => html`<li><b>${f.figure}</b><span>${f.about}</span></li>`);
  return html`<h2><a href="${folderOf(n.program)}index.html">${n.program}</a></h2>
<p class="verdict ${n.verdict}" style="font-size:2rem">${n.verdict}</p>
<p class="lead">${n.date}, from ${n.runs} runs. ${shortened(n.reason, CELL_LIMIT)}${isMarked ? ' (Simulated data.)' : ''}</p>
${figures.length > 0 ? html`<ul class="facts">${figures}</ul>` : null}<p><a href="${folderOf(n.program)}${n.date}/report.html">Report of ${n.program}, ${n.date}</a> · <a href="${folderOf(n.program)}index.html">all nights and runs of ${n.program}</a></p>`;
}

/** The page that leads to every report: the newest night of each program, in order of their names. */
export function renderIndexHtml(programs: readonly NightSummary[]): string {
  const shown = programs.slice(0, PROGRAMS_LIMIT);
  const rest =
    shown.length < programs.length
      ? html`<p class="small">${shown.length} of ${programs.length} programs; the others: the folder <code>programs/</code> of the reports.</p>`
      : null;
  const isAllSimulated = shown.length > 0 && shown.every((n) => n.simulated);
  return page(
    'Wattline reports',
    html`${simulatedBanner(isAllSimulated)}<h1>Wattline reports</h1>${shown.length === 0 ? html`<p class="lead">No night has been decided yet: the first one is, at the latest, a day after the first upload.</p>` : shown.map((n) => programPart(n, n.simulated && !isAllSimulated))}${rest}`,
  );
}
