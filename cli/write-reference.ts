import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { wattlineProgram } from './program.ts';
import { cliReference } from './reference.ts';

/** Writes docs/cli.md: npm run cli-docs. */
writeFileSync(fileURLToPath(new URL('../docs/cli.md', import.meta.url)), cliReference(wattlineProgram()));
