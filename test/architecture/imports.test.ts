import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const LAMBDAS = ['ingest', 'evaluate', 'decide', 'reconcile', 'weekly'];

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder)).flatMap((name) => {
    const path = `${folder}/${name}`;
    if (statSync(join(ROOT, path)).isDirectory()) return sources(path);
    return /\.(ts|js)$/.test(name) ? [path] : [];
  });
}

/** Room of a file: what it may be imported by depends on it. */
function roomOf(path: string): string {
  const [top = '', second = ''] = path.split('/');
  return top === 'functions' ? `functions/${second}` : top;
}

const MAY_IMPORT: Record<string, RegExp> = {
  'functions/core': /^(functions\/core|data)$/,
  'functions/platform': /^(functions\/(core|platform)|package\.json)$/,
  cli: /^(cli|data|functions\/(core|platform|ingest|evaluate|decide|reconcile)|package\.json)$/,
  infra: /^(infra|functions\/(core|platform|ingest|evaluate|decide|reconcile|weekly))$/,
  data: /^(data|functions\/core)$/,
};
for (const name of LAMBDAS)
  MAY_IMPORT[`functions/${name}`] = new RegExp(`^functions/(core|platform|${name})$`);

const CORE_LIBRARIES = /^(zod|hyparquet|pure-rand\/.*|@stdlib\/.*)$/;

interface Arrow {
  readonly from: string;
  readonly to: string;
}

function arrows(path: string): Arrow[] {
  const text = readFileSync(join(ROOT, path), 'utf8');
  return [
    ...text.matchAll(/^(?:import|export)\b[^;]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm),
  ].map((match) => ({
    from: path,
    to: (match[1] ?? match[2] ?? match[3]) as string,
  }));
}

const all = [...sources('functions'), ...sources('cli'), ...sources('infra'), ...sources('data')].flatMap(
  arrows,
);

describe('imports go one way', () => {
  test('there are arrows to look at', () => {
    expect(all.length).toBeGreaterThan(100);
  });

  test('no file reaches into a room that it may not know', () => {
    const wrong = all
      .filter(({ to }) => to.startsWith('.'))
      .map(({ from, to }) => ({
        from,
        to: relative(ROOT, resolve(ROOT, dirname(from), to)).replaceAll('\\', '/'),
      }))
      .filter(({ from, to }) => !MAY_IMPORT[roomOf(from)]?.test(roomOf(to)));
    expect(wrong).toEqual([]);
  });

  test('core knows no Node, no AWS and no library but small pure ones', () => {
    const wrong = all.filter(
      ({ from, to }) => from.startsWith('functions/core/') && !to.startsWith('.') && !CORE_LIBRARIES.test(to),
    );
    expect(wrong).toEqual([]);
  });

  test('core asks for no time and no chance', () => {
    const impure = sources('functions/core').filter((path) =>
      /Date\.now\(|new Date\(\)|Math\.random|(?<![-\w])process\./.test(
        readFileSync(join(ROOT, path), 'utf8'),
      ),
    );
    expect(impure).toEqual([]);
  });

  test('zod is imported whole, which lets a bundle leave out its languages', () => {
    const wrong = sources('functions').filter((path) =>
      /import \{[^}]*\bz\b[^}]*\} from 'zod'/.test(readFileSync(join(ROOT, path), 'utf8')),
    );
    expect(wrong).toEqual([]);
  });
});
