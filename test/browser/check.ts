import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';
import { renderRunHtml } from '../../functions/core/report/run-html.ts';
import { evaluation } from '../fixtures.ts';

const [folder = ''] = process.argv.slice(2);
const HOSTILE = '"><script>document.title="owned"</script><img src=x onerror="document.title=\'owned\'">';
const WIDTHS = [1280, 390];

function pages(at: string): string[] {
  return readdirSync(at).flatMap((name) => {
    const path = join(at, name);
    if (statSync(path).isDirectory()) return name === '.versions' ? [] : pages(path);
    return name.endsWith('.html') ? [path] : [];
  });
}

const all = pages(resolve(folder));
const decision = all.filter((p) => p.includes('/programs/'));
const hostile = resolve(folder, '../hostile.html');
writeFileSync(
  hostile,
  renderRunHtml(
    evaluation({
      sku: HOSTILE,
      status: HOSTILE,
      findings: [{ code: HOSTILE, severity: 'error', message: HOSTILE }],
    }),
  ),
);
const looked = [
  ...decision,
  ...all.filter((p) => p.includes('/runs/')).slice(0, 2),
  ...all.filter((p) => p.endsWith('index.html')),
  hostile,
];

let passed = 0;
let failed = 0;
function check(name: string, isTrue: boolean, detail: unknown = ''): void {
  if (isTrue) passed += 1;
  else {
    failed += 1;
    console.log(`FAIL ${name}: ${JSON.stringify(detail)}`);
  }
}

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
check('there is a decision to look at', decision.length > 0);
for (const path of looked) {
  for (const width of WIDTHS) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
      const requests: string[] = [];
      const errors: string[] = [];
      page.on('request', (request) => requests.push(request.url()));
      page.on('console', (message) => (message.type() === 'error' ? errors.push(message.text()) : undefined));
      page.on('pageerror', (error) => errors.push(error.message));
      await page.goto(`file://${path}`);
      const name = `${path.slice(resolve(folder).length)} at ${width}, ${colorScheme}`;
      check(`${name}: nothing but the page is fetched`, requests.length === 1, requests);
      check(`${name}: no error`, errors.length === 0, errors);
      // As text: the page runs no script of ours but this one question.
      const facts = (await page.evaluate(`({
        title: document.title,
        width: document.documentElement.scrollWidth,
        scripts: document.scripts.length,
        h1: document.querySelectorAll('h1').length,
        unnamed: [...document.querySelectorAll('svg')].filter((s) => !s.getAttribute('aria-label')).length,
        ink: getComputedStyle(document.body).color,
        paper: getComputedStyle(document.body).backgroundColor,
      })`)) as {
        title: string;
        width: number;
        scripts: number;
        h1: number;
        unnamed: number;
        ink: string;
        paper: string;
      };
      check(`${name}: no script ran`, facts.scripts === 0 && facts.title !== 'owned', facts);
      check(`${name}: no sideways scrolling`, facts.width <= width, facts.width);
      check(`${name}: one h1, every picture named`, facts.h1 === 1 && facts.unnamed === 0, facts);
      check(`${name}: text can be read on its ground`, contrast(facts.ink, facts.paper) > 7, [
        facts.ink,
        facts.paper,
      ]);
      await page.close();
    }
  }
}
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** Contrast ratio of two CSS rgb() colours, by WCAG 2. */
function contrast(a: string, b: string): number {
  const luminance = (css: string): number => {
    const [r = 0, g = 0, bl = 0] = (css.match(/\d+/g) ?? []).slice(0, 3).map((n) => {
      const c = Number(n) / 255;
      return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * bl;
  };
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}
