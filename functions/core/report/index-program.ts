import { type Html, html } from './html.ts';
import { nightsTable, verdictStrip, verdictText } from './index-nights.ts';
import { type NightSummary, newestNightFirst, newestRunFirst, type RunRow } from './index-rows.ts';
import { runsTable } from './index-runs.ts';
import { page, simulatedBanner } from './page.ts';

/** Newest nights and runs on a program's first page. Whatever is older stands on a page a month. */
export const FIRST_NIGHTS = 31;
export const FIRST_RUNS = 200;
/** Runs on the page of one month: about a megabyte. */
export const MONTH_RUNS = 2_000;

export interface ProgramView {
  readonly program: string;
  readonly nights: readonly NightSummary[];
  readonly runs: readonly RunRow[];
}

/** A page of the program's folder in the reports. */
export interface ProgramPage {
  readonly name: string;
  readonly html: string;
}

interface Month {
  readonly month: string;
  readonly nights: readonly NightSummary[];
  readonly runs: readonly RunRow[];
}

const TO_NIGHTS = '';
const toRuns = (program: string): string => `../../runs/${program}/`;
const fileOf = (month: string): string => `${month}.html`;
const INDEX = 'index.html';

const leftOut = (shown: number, all: number, what: string, where: Html | string): Html | null =>
  shown < all ? html`<p class="small">The newest ${shown} of ${all} ${what}. ${where}</p>` : null;

const isSimulated = ({ nights, runs }: Pick<ProgramView, 'nights' | 'runs'>): boolean =>
  nights.some((n) => n.simulated) || runs.some((r) => r.simulated);

function monthsOf({ nights, runs }: ProgramView): Month[] {
  const months = new Set(
    [...nights.map((n) => n.date), ...runs.map((r) => r.night)].map((d) => d.slice(0, 7)),
  );
  return [...months]
    .sort()
    .reverse()
    .map((month) => ({
      month,
      nights: nights.filter((n) => n.date.startsWith(month)),
      runs: runs.filter((r) => r.night.startsWith(month)),
    }));
}

function latest([newest]: readonly NightSummary[]): Html {
  if (!newest) return html`<p class="lead">No night has been decided yet.</p>`;
  const figures = newest.figures.map((f) => html`<li><b>${f.figure}</b><span>${f.about}</span></li>`);
  return html`<p class="verdict ${newest.verdict}">${newest.verdict}</p>
<p class="lead">${newest.reason} <a href="${TO_NIGHTS}${newest.date}/report.html">Report of ${newest.date}</a></p>
${figures.length > 0 ? html`<ul class="facts">${figures}</ul>` : null}`;
}

const monthsList = (months: readonly Month[]): Html => {
  const last = ({ nights: [newest] }: Month): Html | null =>
    newest ? html`, ${verdictText(newest.verdict)} on its last` : null;
  return html`<h2>By month</h2><ul>${months.map((m) => html`<li><a href="${fileOf(m.month)}">${m.month}</a>: ${m.nights.length} nights${last(m)}; ${m.runs.length} runs</li>`)}</ul>`;
};

function firstPage(view: ProgramView, months: readonly Month[]): string {
  const { program, nights, runs } = view;
  const shownNights = nights.slice(0, FIRST_NIGHTS);
  const shownRuns = runs.slice(0, FIRST_RUNS);
  const decided = new Map(nights.map((n) => [n.date, n]));
  const older = 'Older ones are listed by month below.';
  return page(
    `${program}: nights and runs`,
    html`${simulatedBanner(isSimulated(view))}<p><a href="../../${INDEX}">All programs</a></p><h1>Program ${program}</h1>
${latest(nights)}${verdictStrip(nights)}
<h2>Nights</h2>${nights.length === 0 ? html`<p>None yet.</p>` : nightsTable(shownNights, TO_NIGHTS)}${leftOut(shownNights.length, nights.length, 'nights', older)}
<h2>Runs</h2>${runs.length === 0 ? html`<p>None evaluated yet.</p>` : runsTable(shownRuns, decided, { runs: toRuns(program), nights: TO_NIGHTS })}${leftOut(shownRuns.length, runs.length, 'runs', older)}
${months.length > 0 ? monthsList(months) : null}`,
  );
}

function monthPage(view: ProgramView, months: readonly Month[], at: number): string {
  const { program } = view;
  const { month, nights, runs } = months[at] as Month;
  const shown = runs.slice(0, MONTH_RUNS);
  const decided = new Map(nights.map((n) => [n.date, n]));
  const link = (other: Month | undefined, text: string): Html | null =>
    other ? html` · <a href="${fileOf(other.month)}">${text}, ${other.month}</a>` : null;
  const where = html`The others: the folder <code>runs/${program}/</code> of the reports, or <code>wattline sql --query energy-by-run</code>.`;
  return page(
    `${program}: ${month}`,
    html`${simulatedBanner(isSimulated({ nights, runs }))}<p><a href="../../${INDEX}">All programs</a> · <a href="${INDEX}">${program}</a>${link(months[at + 1], 'month before')}${link(months[at - 1], 'month after')}</p><h1>Program ${program}, ${month}</h1>
<h2>Nights</h2>${nights.length === 0 ? html`<p>None decided in this month.</p>` : html`${verdictStrip(nights)}${nightsTable(nights, TO_NIGHTS)}`}
<h2>Runs</h2>${runs.length === 0 ? html`<p>None began in this month.</p>` : runsTable(shown, decided, { runs: toRuns(program), nights: TO_NIGHTS })}${leftOut(shown.length, runs.length, 'runs of this month', where)}`,
  );
}

/** What stands of a night and a month never grows without bound: months get pages once the first page is full. */
export function renderProgramPages(view: ProgramView): ProgramPage[] {
  const sorted: ProgramView = {
    program: view.program,
    nights: newestNightFirst(view.nights),
    runs: newestRunFirst(view.runs),
  };
  const isFull = sorted.nights.length > FIRST_NIGHTS || sorted.runs.length > FIRST_RUNS;
  const months = isFull ? monthsOf(sorted) : [];
  return [
    { name: INDEX, html: firstPage(sorted, months) },
    ...months.map(({ month }, at) => ({ name: fileOf(month), html: monthPage(sorted, months, at) })),
  ];
}
