import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { CHROMIUM, CHROMIUM_ARGUMENTS, open } from './browser.ts';
import type { Looked } from './pages.ts';
import type { Tally } from './tally.ts';

const MARGIN = '1cm';
/** A4 without those margins, in CSS pixels: 210 mm - 20 mm. */
const PRINTED_PX = 718;
const PRINTED_HEIGHT_PX = 1047;
/** Sheets that nobody minds; a report that takes more has a table that should be folded. */
const MOST_SHEETS: Record<Looked['kind'], number> = { decision: 30, run: 30, index: 20 };

/** Sheets of a PDF, by its page objects. */
export const sheetsOf = (pdf: Uint8Array): number =>
  Buffer.from(pdf)
    .toString('latin1')
    .match(/\/Type\s*\/Page\b/g)?.length ?? 0;

/** On paper: nothing is wider than the sheet, and there are as many sheets as somebody would staple. */
export async function checkPrint(
  browser: Browser,
  { name, path, kind }: Looked,
  tally: Tally,
): Promise<void> {
  const context = await browser.newContext({ viewport: { width: PRINTED_PX, height: PRINTED_HEIGHT_PX } });
  const { page } = await open(context, path);
  await page.emulateMedia({ media: 'print' });
  const wide = (await page.evaluate(`[...document.querySelectorAll('body *')]
    .filter((e) => e.getBoundingClientRect().right > ${PRINTED_PX} + 1 && getComputedStyle(e).clipPath === 'none')
    .map((e) => e.tagName.toLowerCase() + ' ' + Math.round(e.getBoundingClientRect().right) + ' ' + (e.textContent || '').trim().slice(0, 40))
    .slice(0, 5)`)) as string[];
  tally.check(`${name} on paper: nothing is wider than the sheet`, wide.length === 0, wide);
  const pdf = await page.pdf({
    format: 'A4',
    margin: { top: MARGIN, right: MARGIN, bottom: MARGIN, left: MARGIN },
  });
  const sheets = sheetsOf(pdf);
  tally.check(
    `${name} on paper: 1 to ${MOST_SHEETS[kind]} sheets`,
    sheets > 0 && sheets <= MOST_SHEETS[kind],
    sheets,
  );
  await context.close();
}

/** The line of docs/reading.md that makes a PDF without any of this suite. */
export function checkOneLiner({ name, path }: Looked, tally: Tally): void {
  const folder = mkdtempSync(join(tmpdir(), 'wattline-pdf-'));
  const pdf = join(folder, 'report.pdf');
  try {
    execFileSync(
      CHROMIUM,
      [...CHROMIUM_ARGUMENTS, '--headless', '--no-pdf-header-footer', `--print-to-pdf=${pdf}`, path],
      { stdio: 'ignore', timeout: 60_000 },
    );
    const bytes = readFileSync(pdf);
    const isPdf = bytes.subarray(0, 5).toString('latin1') === '%PDF-';
    tally.check(
      `${name}: the one line that makes a PDF makes one`,
      isPdf && sheetsOf(bytes) > 0,
      sheetsOf(bytes),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
