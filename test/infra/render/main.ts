import { writeFileSync } from 'node:fs';
import { pictures } from './pictures.ts';

/** `npm run dashboards`: draws docs/dashboard-*.svg anew. */
for (const { file, svg } of await pictures()) {
  writeFileSync(new URL(`../../../docs/${file}`, import.meta.url), svg);
  process.stdout.write(`docs/${file}: ${svg.length} bytes\n`);
}
