import type { Verdict } from '../decision/decision.ts';
import { chartFigure, type Drawing, level, px } from './chart-figure.ts';
import { listText, shortened } from './format.ts';
import { type Html, html } from './html.ts';
import { CELL_LIMIT, type NightSummary } from './index-rows.ts';
import { stackedTable } from './stacked-table.ts';

/** Nights that the strip shows: more would be thinner than a line. */
const STRIP_NIGHTS = 90;
/** From worst to best, bottom up: the height says the verdict, whatever the colours. */
const LEVELS = ['scale-up', 'hold', 'stop'] as const satisfies readonly Verdict[];
const COLOURS: Record<Verdict, string> = {
  'scale-up': 'var(--good)',
  hold: 'var(--open)',
  stop: 'var(--bad)',
};
const LEFT = 66;
const RIGHT = 30;
const TOP = 14;
const STEP = 28;
const HEIGHT = TOP + STEP * LEVELS.length + 16;
const DOT = 9;

export const verdictText = (verdict: Verdict): Html =>
  html`<strong class="${verdict}" style="white-space:nowrap">${verdict}</strong>`;

/** Oldest first. */
function stripFinding(nights: readonly NightSummary[]): string {
  const last = nights.at(-1) as NightSummary;
  const counts = LEVELS.map((verdict) => ({
    verdict,
    n: nights.filter((d) => d.verdict === verdict).length,
  }));
  const said = listText(counts.filter(({ n }) => n > 0).map(({ verdict, n }) => `${verdict} on ${n}`));
  const since = nights.findLastIndex((d) => d.verdict !== last.verdict) + 1;
  const stands = since === 0 ? 'all along' : `since ${nights[since]?.date}`;
  return `${nights.length} nights: ${said}. ${last.verdict} ${stands}.`;
}

/** The verdict of each night as a step line; null where there is only one. */
export function verdictStrip(newestFirst: readonly NightSummary[]): Html | null {
  const nights = newestFirst.slice(0, STRIP_NIGHTS).reverse();
  const [first, last] = [nights[0], nights.at(-1)];
  if (nights.length < 2 || !first || !last) return null;
  const draw = (width: number): Drawing => {
    const right = width - RIGHT;
    const x = (i: number): number => LEFT + 10 + (i / (nights.length - 1)) * (right - LEFT - 20);
    const y = (verdict: Verdict): number => TOP + STEP * LEVELS.indexOf(verdict) + STEP / 2;
    const rows = LEVELS.map(
      (verdict) =>
        html`${level(y(verdict), LEFT, right, 'stroke="var(--line)"')}<text x="${LEFT - 8}" y="${px(y(verdict) + 4)}" text-anchor="end">${verdict}</text>`,
    );
    const line = nights.map((d, i) => `${px(x(i))},${px(y(d.verdict))}`).join(' ');
    const dots = LEVELS.map((verdict) => {
      const at = nights.flatMap((d, i) =>
        d.verdict === verdict ? [`M${px(x(i))} ${px(y(verdict))}h0`] : [],
      );
      return at.length === 0
        ? null
        : html`<path d="${at.join('')}" stroke="${COLOURS[verdict]}" stroke-width="${DOT}" stroke-linecap="round"/>`;
    });
    const dates = html`<text class="soft" x="${LEFT}" y="${HEIGHT - 4}">${first.date}</text><text class="soft" x="${right}" y="${HEIGHT - 4}" text-anchor="end">${last.date}</text>`;
    return {
      height: HEIGHT,
      parts: [
        ...rows,
        html`<polyline points="${line}" fill="none" stroke="var(--soft)" stroke-width="1.5"/>`,
        ...dots,
        dates,
      ],
    };
  };
  const finding = stripFinding(nights);
  const shown =
    newestFirst.length > nights.length ? ` The newest ${nights.length} of ${newestFirst.length}.` : '';
  return chartFigure(
    finding,
    draw,
    html`<strong>${finding}</strong>${shown} A dot a night that was decided.`,
  );
}

export const figuresText = ({ figures }: Pick<NightSummary, 'figures'>): string =>
  figures.map(({ figure, about }) => `${figure} ${about}`).join(', ');

/** `toReports`: relative path from the page to the folder of the nights' reports. */
export const nightsTable = (nights: readonly NightSummary[], toReports: string): Html =>
  stackedTable(
    nights,
    [
      { head: 'night', cell: (n) => html`<a href="${toReports}${n.date}/report.html">${n.date}</a>` },
      { head: 'verdict', cell: (n) => verdictText(n.verdict) },
      { head: 'reason', cell: (n) => shortened(n.reason, CELL_LIMIT) },
      { head: 'figures', cell: (n) => shortened(figuresText(n), CELL_LIMIT) },
      { head: 'runs', cell: (n) => n.runs },
    ],
    'Nights, the newest first; each leads to its report',
  );
