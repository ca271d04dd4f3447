import axe from 'axe-core';
import type { Browser } from 'playwright-core';
import { open, type Scheme } from './browser.ts';
import type { Looked } from './pages.ts';
import type { Tally } from './tally.ts';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const BY_TAGS = { runOnly: { type: 'tag', values: TAGS } };
const CONTRAST = 'color-contrast';

interface View {
  readonly width: number;
  readonly scheme: Scheme;
  readonly options: object;
}

/** Colours change with the scheme alone, all else with the width alone: no rule is asked what it has answered. */
const VIEWS: readonly View[] = [
  { width: 1440, scheme: 'light', options: BY_TAGS },
  { width: 1440, scheme: 'dark', options: { runOnly: { type: 'rule', values: [CONTRAST] } } },
  { width: 390, scheme: 'light', options: { ...BY_TAGS, rules: { [CONTRAST]: { enabled: false } } } },
];
/** Places named of one rule: more say nothing new. */
const SHOWN = 5;

interface Violation {
  readonly id: string;
  readonly places: readonly string[];
  readonly count: number;
}

/** Rules of WCAG 2 (A and AA) and of best practice, by axe. Pages forbid scripts, so theirs is a context of its own. */
export async function checkAccessibility(
  browser: Browser,
  { name, path, isLarge = false }: Looked,
  tally: Tally,
): Promise<void> {
  for (const { width, scheme, options } of VIEWS) {
    // The colours of the dark are those of the smaller pages.
    if (isLarge && scheme === 'dark') continue;
    const context = await browser.newContext({
      viewport: { width, height: 900 },
      colorScheme: scheme,
      bypassCSP: true,
    });
    const { page } = await open(context, path);
    await page.evaluate(axe.source);
    const violations =
      (await page.evaluate(`axe.run(document, ${JSON.stringify({ ...options, resultTypes: ['violations'] })}).then(({ violations }) => violations.map(({ id, nodes }) => ({
      id, count: nodes.length, places: nodes.slice(0, ${SHOWN}).map((n) => n.target.join(' ')),
    })))`)) as Violation[];
    for (const { id, count, places } of violations)
      tally.check(`${name} at ${width}, ${scheme}: axe ${id}, ${count} places`, false, places);
    tally.check(
      `${name} at ${width}, ${scheme}: axe`,
      violations.length === 0,
      violations.map((v) => v.id),
    );
    await context.close();
  }
}
