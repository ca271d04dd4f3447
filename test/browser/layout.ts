import type { Browser } from 'playwright-core';
import { open, SCHEMES, type Scheme } from './browser.ts';
import { contrast } from './contrast.ts';
import type { Looked } from './pages.ts';
import type { Tally } from './tally.ts';

const WIDTHS = [1440, 1280, 768, 390] as const;
/** From here on, a table or a figure has room for all of itself. */
const ROOM = 1280;
const HEIGHT = 900;

interface Facts {
  readonly width: number;
  readonly scrolling: readonly string[];
  readonly scripts: number;
  readonly h1: number;
  readonly unnamed: number;
  readonly ink: string;
  readonly paper: string;
  readonly badLinks: readonly string[];
  readonly policy: string | null;
}

/** As text: the page runs no script of ours but this one question. */
const QUESTION = `(() => {
  const name = (e) => e.tagName.toLowerCase() + (e.className && e.className.baseVal === undefined ? '.' + e.className : '') + ' ' + (e.getAttribute('aria-label') || e.textContent || '').trim().slice(0, 60);
  return {
    width: document.documentElement.scrollWidth,
    scrolling: [...document.querySelectorAll('body *')].filter((e) => e.clientWidth > 0 && e.scrollWidth > e.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(e).overflowX)).map(name),
    scripts: document.scripts.length,
    h1: document.querySelectorAll('h1').length,
    unnamed: [...document.querySelectorAll('svg')].filter((s) => !s.getAttribute('aria-label') && s.getAttribute('aria-hidden') !== 'true').length,
    ink: getComputedStyle(document.body).color,
    paper: getComputedStyle(document.body).backgroundColor,
    badLinks: [...document.querySelectorAll('a[href]')].map((e) => e.getAttribute('href')).filter((h) => !/^(?:#|https:\\/\\/|(?![a-z][a-z0-9+.-]*:|\\/))/i.test(h)),
    policy: document.querySelector('meta[http-equiv="Content-Security-Policy"]')?.content ?? null,
  };
})()`;

/** How a page lies on screens of every width, in both colour schemes; and that it is alone with itself. */
export async function checkLayout(browser: Browser, looked: Looked, tally: Tally): Promise<void> {
  for (const scheme of SCHEMES) await checkScheme(browser, looked, scheme, tally);
}

async function checkScheme(
  browser: Browser,
  { name, path }: Looked,
  scheme: Scheme,
  tally: Tally,
): Promise<void> {
  const context = await browser.newContext({
    viewport: { width: WIDTHS[0], height: HEIGHT },
    colorScheme: scheme,
  });
  const { page, requests, errors, dialogs } = await open(context, path);
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: HEIGHT });
    const facts = (await page.evaluate(QUESTION)) as Facts;
    const at = `${name} at ${width}, ${scheme}`;
    tally.check(`${at}: no sideways scrolling`, facts.width <= width, facts.width);
    if (width >= ROOM)
      tally.check(`${at}: every table and figure has room`, facts.scrolling.length === 0, facts.scrolling);
    if (width !== WIDTHS[0]) continue;
    tally.check(`${at}: no script`, facts.scripts === 0, facts.scripts);
    tally.check(`${at}: one h1, every picture named`, facts.h1 === 1 && facts.unnamed === 0, facts);
    const ratio = contrast(facts.ink, facts.paper);
    tally.check(`${at}: text can be read on its ground`, ratio > 7, ratio);
    tally.check(`${at}: links are relative or https`, facts.badLinks.length === 0, facts.badLinks);
    tally.check(
      `${at}: a policy forbids all else`,
      facts.policy?.startsWith("default-src 'none'") === true,
      facts.policy,
    );
  }
  tally.check(`${name}, ${scheme}: nothing but the page is fetched`, requests.length === 1, requests);
  tally.check(`${name}, ${scheme}: no error`, errors.length + dialogs.length === 0, [errors, dialogs]);
  await context.close();
}
