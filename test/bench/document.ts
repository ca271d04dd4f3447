import { readFile, writeFile } from 'node:fs/promises';

const DOCUMENT = new URL('../../docs/benchmarks.md', import.meta.url);
const BEGIN = '<!-- results: written by npm run bench -->';
const END = '<!-- end of results -->';

/** Puts results between the marks of docs/benchmarks.md. @throws Error where it has none. */
export async function writeResults(results: string): Promise<void> {
  const text = await readFile(DOCUMENT, 'utf8');
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error(`docs/benchmarks.md: expected the marks ${BEGIN} and ${END}`);
  await writeFile(DOCUMENT, `${before}${BEGIN}\n\n${results.trimEnd()}\n\n${END}${after}`);
  process.stderr.write('written to docs/benchmarks.md\n');
}
