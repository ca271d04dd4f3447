import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { open } from './browser.ts';
import type { Looked } from './pages.ts';
import type { Tally } from './tally.ts';

const STORED = new URL('./structure.json', import.meta.url);
const WIDTHS = [1440, 768, 390] as const;
/**
 * Positions across the page are rounded to this: what the layout decides moves by more, what a font decides (a bar of
 * scrolling, a rounded rem) by less. Heights of text are left out altogether: they are the font's.
 */
const GRID_PX = 8;
/** Differences named of one page: the first say where to look. */
const SHOWN = 4;

type Structure = Record<string, readonly string[]>;

/**
 * Headings, charts, tables and tiles in order, each with its place across the page and its width; of charts, which are
 * drawn and not set in type, the height as well. What is folded away has no place and
 * is not listed; marks in the text of a table lie where its columns do. Tried with a serif and a narrow font: the same.
 */
const QUESTION = `[...document.querySelectorAll('h1, h2, h3, svg[role="img"]:not(.mark), figure, table, .facts > li, summary, p.verdict')]
  .filter((e) => e.checkVisibility() && e.getBoundingClientRect().width > 0)
  .map((e) => {
    const r = e.getBoundingClientRect();
    const grid = (v) => Math.round(v / ${GRID_PX}) * ${GRID_PX};
    const tag = e.tagName.toLowerCase();
    // How wide a table is that fits its box, is up to its text.
    const width = tag === 'table' ? e.parentElement.clientWidth : r.width;
    const text = /^h/.test(tag) ? ' ' + e.textContent.replace(/\\s+/g, ' ').trim().slice(0, 60) : '';
    return tag + ' x' + grid(r.left) + ' w' + grid(width) + (tag === 'svg' ? ' h' + grid(r.height) : '') + text;
  })`;

/** Pages that everybody can make: the demo's two indexes, its decision and one of its runs. */
export function snapshotPages(reports: string): Looked[] {
  const program = join(reports, 'programs/simulated-pilot');
  return [
    { name: 'decision', kind: 'decision', path: join(program, '2026-01-30/report.html') },
    {
      name: 'run',
      kind: 'run',
      path: join(reports, 'runs/simulated-pilot/n21-llm-8b-pretrain-1-candidate/report.html'),
    },
    { name: 'program', kind: 'index', path: join(program, 'index.html') },
    { name: 'index', kind: 'index', path: join(reports, 'index.html') },
  ];
}

async function structureOf(browser: Browser, pages: readonly Looked[]): Promise<Structure> {
  const structure: Record<string, readonly string[]> = {};
  for (const { name, path } of pages)
    for (const width of WIDTHS) {
      const context = await browser.newContext({ viewport: { width, height: 900 } });
      const { page } = await open(context, path);
      structure[`${name} at ${width}`] = (await page.evaluate(QUESTION)) as string[];
      await context.close();
    }
  return structure;
}

/** Compares the skeleton of the fixed pages with the one that somebody has looked at, when the pictures were taken. */
export async function checkStructure(
  browser: Browser,
  pages: readonly Looked[],
  tally: Tally,
): Promise<void> {
  const stored = JSON.parse(readFileSync(STORED, 'utf8')) as Structure;
  const now = await structureOf(browser, pages);
  for (const name of Object.keys({ ...stored, ...now })) {
    const [was, is] = [stored[name] ?? [], now[name] ?? []];
    const lost = was.filter((line) => !is.includes(line)).slice(0, SHOWN);
    const added = is.filter((line) => !was.includes(line)).slice(0, SHOWN);
    const isSame = was.length === is.length && was.every((line, i) => line === is[i]);
    tally.check(
      `${name}: headings, charts and tables lie where they lay (else look, and npm run pictures)`,
      isSame,
      { lost, added, was: was.length, is: is.length },
    );
  }
}

export async function writeStructure(browser: Browser, pages: readonly Looked[]): Promise<void> {
  writeFileSync(STORED, `${JSON.stringify(await structureOf(browser, pages), null, 2)}\n`);
}
