import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { launch, open, type Scheme } from './browser.ts';
import { snapshotPages, writeStructure } from './structure.ts';

/** GitHub and every browser show WebP; text of a page in it takes a third of a PNG's bytes. */
const QUALITY = 82;
const FOLDER = resolve('docs/pictures');
/** All pictures together: more would weigh on every clone. */
const LIMIT_BYTES = 1_500_000;
/** A4 without margins of 1 cm, in CSS pixels. */
const SHEET = { width: 718, height: 1047 };

interface Picture {
  readonly name: string;
  readonly page: 'decision' | 'run' | 'program' | 'index';
  readonly width: number;
  /** Of the page, from its top. */
  readonly height: number;
  readonly scheme?: Scheme;
  readonly isPrint?: boolean;
}

const PICTURES: readonly Picture[] = [
  { name: 'decision', page: 'decision', width: 1440, height: 2000 },
  { name: 'decision-dark', page: 'decision', width: 1440, height: 1400, scheme: 'dark' },
  { name: 'decision-768', page: 'decision', width: 768, height: 1600 },
  { name: 'decision-390', page: 'decision', width: 390, height: 1600 },
  { name: 'decision-print', page: 'decision', ...SHEET, isPrint: true },
  { name: 'run', page: 'run', width: 1440, height: 2000 },
  { name: 'run-dark', page: 'run', width: 1440, height: 1400, scheme: 'dark' },
  { name: 'run-390', page: 'run', width: 390, height: 1600 },
  { name: 'run-print', page: 'run', ...SHEET, isPrint: true },
  { name: 'program', page: 'program', width: 1440, height: 1200 },
  { name: 'program-390', page: 'program', width: 390, height: 1600, scheme: 'dark' },
  { name: 'index', page: 'index', width: 1440, height: 640 },
];

/** Of a wide screen, the column that has the page, with a margin. */
const COLUMN = { x: 140, width: 1160 };

async function take(browser: Browser, path: string, picture: Picture): Promise<Buffer> {
  const { width, height, scheme = 'light', isPrint = false } = picture;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme });
  const { page } = await open(context, path);
  if (isPrint) await page.emulateMedia({ media: 'print' });
  const session = await context.newCDPSession(page);
  const column = width === 1440 ? COLUMN : { x: 0, width };
  const { data } = await session.send('Page.captureScreenshot', {
    format: 'webp',
    quality: QUALITY,
    clip: { ...column, y: 0, height, scale: 1 },
    captureBeyondViewport: true,
  });
  await context.close();
  return Buffer.from(data, 'base64');
}

const [reports = ''] = process.argv.slice(2);
const pages = snapshotPages(resolve(reports));
const browser = await launch();
try {
  mkdirSync(FOLDER, { recursive: true });
  for (const name of readdirSync(FOLDER)) if (name.endsWith('.webp')) rmSync(join(FOLDER, name));
  for (const picture of PICTURES) {
    const { path } = pages.find((p) => p.name === picture.page) as (typeof pages)[number];
    writeFileSync(join(FOLDER, `${picture.name}.webp`), await take(browser, path, picture));
  }
  await writeStructure(browser, pages);
} finally {
  await browser.close();
}
const sizes = readdirSync(FOLDER).map((name) => statSync(join(FOLDER, name)).size);
const bytes = sizes.reduce((sum, size) => sum + size, 0);
console.log(`${sizes.length} pictures in docs/pictures, ${Math.round(bytes / 1000)} kB; look at them`);
if (bytes > LIMIT_BYTES) {
  console.log(`FAIL more than ${LIMIT_BYTES / 1000} kB`);
  process.exitCode = 1;
}
