import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { checkAccessibility } from './accessibility.ts';
import { eachAtOnce, launch } from './browser.ts';
import { checkHostile } from './hostile.ts';
import { checkLayout } from './layout.ts';
import { demoPages, writePages } from './pages.ts';
import { checkOneLiner, checkPrint } from './print.ts';
import { checkStructure, snapshotPages } from './structure.ts';
import { Tally, timed } from './tally.ts';

const [reports = ''] = process.argv.slice(2);
const folder = resolve(reports, '../pages');
mkdirSync(folder, { recursive: true });

const tally = new Tally();
const looked = await timed('pages made', async () => [...demoPages(resolve(reports)), ...writePages(folder)]);
const ofDemo = looked.filter((l) => l.name.startsWith('demo'));
tally.check(
  'the demo has a decision, two runs and two indexes',
  ofDemo.length === 5,
  ofDemo.map((l) => l.name),
);
const browser = await launch();
try {
  await timed('screens', () => eachAtOnce(looked, (l) => checkLayout(browser, l, tally)));
  await timed('accessibility', () => eachAtOnce(looked, (l) => checkAccessibility(browser, l, tally)));
  await timed('paper', () => eachAtOnce(looked, (l) => checkPrint(browser, l, tally)));
  await timed('hostile names', () => checkHostile(browser, resolve(reports, '../names'), tally));
  await timed('structure', () => checkStructure(browser, snapshotPages(resolve(reports)), tally));
} finally {
  await browser.close();
}
const [first] = looked;
if (first) await timed('PDF by one line', async () => checkOneLiner(first, tally));
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed === 0 ? 0 : 1;
