import { readFile, writeFile } from 'node:fs/promises';

const END = '<!-- end of results -->';

/**
 * Puts results between the marks of a document in docs/ that say which command writes them.
 *
 * @throws Error where it has none.
 */
export async function writeResults(name: string, command: string, results: string): Promise<void> {
  const path = new URL(`../../docs/${name}`, import.meta.url);
  const begin = `<!-- results: written by ${command} -->`;
  const text = await readFile(path, 'utf8');
  const [before, rest] = text.split(begin);
  const [, ...after] = rest?.split(END) ?? [];
  if (before === undefined || after.length === 0)
    throw new Error(`docs/${name}: expected the marks ${begin} and ${END}`);
  await writeFile(path, `${before}${begin}\n\n${results.trimEnd()}\n\n${END}${after.join(END)}`);
  process.stderr.write(`written to docs/${name}\n`);
}
