import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { InputError } from '../../functions/core/errors.ts';
import { RunManifestSchema } from '../../functions/core/telemetry/manifest.ts';
import { parseJson, parseLandingKey } from '../../functions/platform/landing.ts';
import { open } from './browser.ts';
import { HOSTILE, type Names, type Published, publish } from './hostile-pilot.ts';
import type { Tally } from './tally.ts';

/** What a page is made of, and what it could do. */
interface Body {
  readonly elements: Readonly<Record<string, number>>;
  readonly attributes: readonly string[];
  readonly links: readonly string[];
  /** What pictures and the like are made from. */
  readonly others: readonly string[];
  readonly title: string;
  readonly isOwned: boolean;
  readonly firstOfHead: readonly string[];
  /** Characters that would turn the direction of the text around them, or that no text has. */
  readonly unseen: number;
}

const QUESTION = `(() => {
  const elements = {};
  const attributes = new Set();
  for (const e of document.querySelectorAll('*')) {
    elements[e.tagName.toLowerCase()] = (elements[e.tagName.toLowerCase()] ?? 0) + 1;
    for (const a of e.attributes) attributes.add(a.name);
  }
  return {
    elements,
    attributes: [...attributes].sort(),
    links: [...document.querySelectorAll('a[href]')].map((e) => e.getAttribute('href')),
    others: [...document.querySelectorAll(':not(a)[href],[src],[srcset],[action],[data]')].map((e) => e.getAttribute('href') ?? e.getAttribute('src') ?? e.outerHTML),
    title: document.title,
    isOwned: 'owned' in globalThis,
    unseen: (document.documentElement.textContent.match(/[\\u0000\\u202a-\\u202e\\u2066-\\u2069]/g) ?? []).length,
    firstOfHead: [...document.head.children].slice(0, 2).map((e) => e.outerHTML.slice(0, 60)),
  };
})()`;

const RELATIVE = /^(?:https:\/\/|#|(?![a-z][a-z0-9+.-]*:|\/))/i;

/** Reports of uploads whose every name is hostile, beside those of the same uploads with tame ones. */
export async function checkHostile(browser: Browser, folder: string, tally: Tally): Promise<void> {
  const made = async (names: Names): Promise<Published> => publish(names, join(folder, names));
  const [hostile, tame] = [await made('hostile'), await made('tame')];
  tally.check('hostile names kill no message', hostile.deadLetters === tame.deadLetters, hostile.deadLetters);
  const pages = [...hostile.files.keys()].filter((key) => key.endsWith('.html'));
  tally.check(
    'hostile names: as many pages as of tame ones',
    pages.length >= 11 && pages.every((p) => tame.files.has(p)),
    pages,
  );
  for (const key of pages) await checkPage(browser, folder, key, tally);
  for (const [key, text] of hostile.files) if (key.endsWith('.csv')) checkCsv(key, text, tally);
  checkRefusals(tally);
  await checkPolicyHolds(browser, folder, hostile, tally);
}

async function bodyOf(browser: Browser, path: string, name: string, tally: Tally): Promise<Body> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const { page, requests, errors, dialogs } = await open(context, path);
  // Where a name has become an attribute, this is what would wake it.
  await page.mouse.move(400, 300);
  const body = (await page.evaluate(QUESTION)) as Body;
  tally.check(`${name}: nothing but the page is fetched`, requests.length === 1, requests);
  tally.check(`${name}: no error, no dialog`, errors.length + dialogs.length === 0, [errors, dialogs]);
  await context.close();
  return body;
}

async function checkPage(browser: Browser, folder: string, key: string, tally: Tally): Promise<void> {
  const name = `hostile ${key}`;
  const [hostile, tame] = [
    await bodyOf(browser, join(folder, 'hostile', key), name, tally),
    await bodyOf(browser, join(folder, 'tame', key), `tame ${key}`, tally),
  ];
  tally.check(`${name}: no script ran`, !hostile.isOwned && (hostile.elements.script ?? 0) === 0);
  const differing = Object.entries({ ...tame.elements, ...hostile.elements }).flatMap(([tag]) =>
    tame.elements[tag] === hostile.elements[tag] ? [] : [[tag, tame.elements[tag], hostile.elements[tag]]],
  );
  tally.check(`${name}: the same elements as with tame names`, differing.length === 0, differing);
  const added = hostile.attributes.filter((a) => !tame.attributes.includes(a));
  tally.check(`${name}: the same attributes as with tame names`, added.length === 0, added);
  tally.check(`${name}: no name turns the text around it`, hostile.unseen === 0, hostile.unseen);
  const bad = [
    ...hostile.links.filter((href) => !RELATIVE.test(href)),
    ...hostile.others.filter((href) => !href.startsWith('data:image/png;base64,')),
  ];
  tally.check(`${name}: links are relative or https, pictures part of the page`, bad.length === 0, bad);
  tally.check(
    `${name}: its policy stands before all that it forbids`,
    hostile.firstOfHead[1]?.startsWith('<meta http-equiv="Content-Security-Policy"') === true,
    hostile.firstOfHead,
  );
}

/** A cell as a spreadsheet sees it: it must not begin like a formula, unless it is a number. */
function checkCsv(key: string, text: string, tally: Tally): void {
  const cells = [...text.matchAll(/(?<=^|,|\n)(?:"((?:[^"]|"")*)"|([^",\n]*))(?=,|\r?\n|$)/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );
  const bad = cells.filter((c) => /^[=+\-@\t\r]/.test(c) && !Number.isFinite(Number(c)));
  tally.check(`hostile ${key}: no cell is a formula`, cells.length > 20 && bad.length === 0, bad.slice(0, 3));
  const isThere = cells.some((c) => c === "'+1+1") || key.endsWith('units.csv');
  tally.check(`hostile ${key}: names that look like formulas are guarded, not gone`, isThere);
}

/** Where a name becomes part of a key, a hostile one is refused, and the error says what was expected. */
function checkRefusals(tally: Tally): void {
  const refusal = (work: () => unknown): InputError | null => {
    try {
      work();
      return null;
    } catch (error) {
      return error instanceof InputError ? error : null;
    }
  };
  for (const name of HOSTILE) {
    const said = JSON.stringify(name).slice(0, 40);
    const key = refusal(() => parseLandingKey(`${name}/run/power.csv`));
    tally.check(
      `a program named ${said} is refused by its key`,
      key?.code === 'key-form' && /expected <program>/.test(key.message),
      key?.message,
    );
    const manifest = JSON.stringify({ schema: 'wattline/run@1', program: 'p', run: name });
    const shape = refusal(() => parseJson(RunManifestSchema, manifest, 'run.json'));
    tally.check(
      `a run named ${said} is refused by its run.json`,
      shape?.code === 'json-shape' && /run: expected 1 to 128 of/.test(shape.message),
      shape?.message,
    );
  }
}

/** Even where markup did get into a page, the browser would refuse to run or fetch it. */
async function checkPolicyHolds(
  browser: Browser,
  folder: string,
  { files }: Published,
  tally: Tally,
): Promise<void> {
  for (const [key, html] of files) {
    if (!/(?:^index|programs\/p\/index|candidate-0\/report|2026-01-12\/report)\.html$/.test(key)) continue;
    const path = join(folder, 'injected', key.replaceAll('/', '-'));
    mkdirSync(join(folder, 'injected'), { recursive: true });
    const injected = `<script>globalThis.owned=1</script><img src="https://example.com/x.png" onerror="globalThis.owned=1"><img src="x" onerror="globalThis.owned=1"><iframe src="https://example.com"></iframe><object data="https://example.com"></object><link rel="stylesheet" href="https://example.com/x.css"><form action="https://example.com"></form>`;
    writeFileSync(path, html.replace('</main>', `${injected}</main>`));
    const context = await browser.newContext({ offline: true });
    const refusedUrls: string[] = [];
    context.on('requestfailed', (request) => {
      if (request.failure()?.errorText === 'csp') refusedUrls.push(request.url());
    });
    const { page, requests, errors } = await open(context, path);
    await page.waitForLoadState('load');
    const isOwned = await page.evaluate(`'owned' in globalThis`);
    tally.check(`${key} with a script put into it: the script is refused`, isOwned === false);
    const refused = errors.filter((e) => /Content Security Policy/i.test(e)).length;
    tally.check(`${key} with a script put into it: the browser says so`, refused >= 5, errors);
    const left = requests.filter((url) => !url.startsWith('file:') && !refusedUrls.includes(url));
    tally.check(`${key} with a script put into it: nothing leaves the machine`, left.length === 0, left);
    await context.close();
  }
}
