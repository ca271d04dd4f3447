import { join } from 'node:path';
import { InputError } from '../functions/core/errors.ts';
import { type QuarantinedFile, readQuarantine } from '../functions/platform/quarantine.ts';
import { directoryStores } from './pipeline.ts';
import { isFolder } from './run-files.ts';
import { say, sayJson } from './terminal.ts';

export interface QuarantineOptions {
  readonly json?: boolean;
}

/** `wattline quarantine`: what a store could not read, file by file, and how to mend it. */
export async function quarantineCommand(store: string, options: QuarantineOptions): Promise<void> {
  if (!isFolder(join(store, 'landing')) || !isFolder(join(store, 'lake')))
    throw new InputError(
      'folder',
      `${store}: no store; expected a folder that --out named, with landing and lake`,
    );
  const files = await readQuarantine(directoryStores(store));
  if (options.json) sayJson({ schema: 'wattline/quarantine@1', files });
  else if (files.length === 0) say('nothing in quarantine: every file of the store was read in full');
  else print(files);
}

function print(files: readonly QuarantinedFile[]): void {
  let run = '';
  for (const file of files) {
    const own = `${file.program} / ${file.run}`;
    if (own !== run) say(`${run === '' ? '' : '\n'}${own}`);
    run = own;
    printFile(file);
  }
}

function printFile({ path, status, rows, rejected, refusal, rejects }: QuarantinedFile): void {
  const counts = rejected > 0 ? `, ${rejected} of ${rows} rows rejected` : '';
  say(`  ${printable(path)}: ${status}${counts}`);
  if (refusal) {
    say(`    ${refusal.code}: ${printable(refusal.message)}`);
    say(`      to mend: ${refusal.fix}`);
  }
  for (const { reason, column, rows: count, example, fix } of rejects) {
    const where = column === null ? '' : ` in ${printable(column)}`;
    say(
      `    ${count} ${count === 1 ? 'row' : 'rows'}: ${reason}${where}, expected ${printable(example.expected)}`,
    );
    say(`      line ${example.line}: ${printable(example.raw)}`);
    say(`      to mend: ${fix}`);
  }
}

/** Text of a file, which must not steer the terminal that shows it. */
const printable = (text: string): string =>
  text.replace(/\p{Cc}/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
