import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { bundledPackages } from './bundled.ts';
import { licenceFaults, licencePage } from './licence-list.ts';

const HELP = `npm run licences -- [options]

Writes docs/licences.md: the packages that are deployed, with their licences. Fails where one may not be.

  --check   write nothing; fail where the page is out of date
  --help    this text
`;
const PAGE = new URL('../../docs/licences.md', import.meta.url);

const { values } = parseArgs({
  options: { check: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
});
const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
if (values.help) {
  say(HELP);
  process.exit(0);
}
const packages = await bundledPackages();
const faults = licenceFaults(packages);
const page = licencePage(packages);
if (!values.check) writeFileSync(PAGE, page);
else if (readFileSync(PAGE, 'utf8') !== page)
  faults.push('docs/licences.md is out of date: npm run licences');
for (const fault of faults) say(fault);
say(`${packages.length} packages are deployed, ${faults.length === 0 ? 'all' : 'not all'} as they may be`);
process.exit(faults.length === 0 ? 0 : 1);
