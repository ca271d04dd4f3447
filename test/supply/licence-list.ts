import type { BundledPackage } from './bundled.ts';

/** Licences under which anything may be deployed: they ask for their text to be kept, and for nothing of ours. */
const ALLOWED: ReadonlySet<string> = new Set([
  'MIT',
  'MIT-0',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  '0BSD',
  'BSL-1.0',
  'Unlicense',
]);

/**
 * Whether an SPDX expression can be met with allowed licences alone: all parts of an AND, one part of an OR. Parts with
 * exceptions or later versions are no names of the list, and are refused.
 */
export function isAllowed(expression: string): boolean {
  const tokens = expression.match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;
  const either = (): boolean => {
    let isMet = both();
    while (tokens[at] === 'OR') {
      at += 1;
      isMet = both() || isMet;
    }
    return isMet;
  };
  const both = (): boolean => {
    let isMet = one();
    while (tokens[at] === 'AND') {
      at += 1;
      isMet = one() && isMet;
    }
    return isMet;
  };
  const one = (): boolean => {
    const token = tokens[at] ?? '';
    at += 1;
    if (token !== '(') return ALLOWED.has(token);
    const isMet = either();
    const isClosed = tokens[at] === ')';
    at += 1;
    return isMet && isClosed;
  };
  return either() && at === tokens.length;
}

/** What is wrong with the licences of packages; empty where nothing is. */
export const licenceFaults = (
  packages: readonly Pick<BundledPackage, 'name' | 'version' | 'licence'>[],
): string[] =>
  packages
    .filter(({ licence }) => licence === null || !isAllowed(licence))
    .map(
      ({ name, version, licence }) =>
        `${name}@${version}: licence ${licence ?? 'not named'}; expected one of ${[...ALLOWED].join(', ')}`,
    );

const webAddress = (repository: string | null): string | null => {
  const url =
    repository
      ?.replace(/^git\+/, '')
      .replace(/^git:\/\//, 'https://')
      .replace(/\.git$/, '') ?? null;
  return url?.startsWith('https://') ? url : null;
};

const textOf = ({ text, repository }: BundledPackage): string => text ?? webAddress(repository) ?? '**none**';

/** A table in Markdown with its columns in line, as the formatter leaves it. */
function tableOf(rows: readonly (readonly string[])[]): string[] {
  const [head = [], ...body] = rows;
  const widths = head.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)];
}

/** The page docs/licences.md. */
export function licencePage(packages: readonly BundledPackage[]): string {
  const rows = packages.map((p) => [
    p.name,
    p.version,
    p.licence ?? '**not named**',
    textOf(p),
    p.functions.join(', '),
  ]);
  return [
    '# Licences',
    '',
    `The ${packages.length} packages of which code is in the bundles of the functions, which is all that is deployed of other people's work. \`npm run licences\` writes this list from what esbuild puts into the bundles; a test fails where it is out of date, or where a licence is none of those that ask for no more than that their text is kept (\`test/supply/licence-list.ts\`). Paths are those after \`npm ci\`.`,
    '',
    ...tableOf([['package', 'version', 'licence', 'its text', 'in'], ...rows]),
    '',
  ].join('\n');
}
