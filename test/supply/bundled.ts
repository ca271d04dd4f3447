import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { BUNDLING } from '../../infra/bundling.ts';

/** A package of which code is deployed. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** As SPDX writes it; null where the package does not say. */
  readonly licence: string | null;
  /** Folder of the package, from the root of the repository. */
  readonly folder: string;
  /** File with the text of the licence, from the root of the repository; null where there is none. */
  readonly text: string | null;
  readonly repository: string | null;
  /** Functions that it is part of, in order. */
  readonly functions: readonly string[];
}

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly license?: string | { readonly type?: string };
  readonly repository?: string | { readonly url?: string };
}

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TEXT = /^(?:licen[cs]e|copying)(?:\.(?:md|txt))?$/i;

/** Functions that are deployed: each folder with a handler. */
export const functionNames = (): string[] =>
  readdirSync(join(ROOT, 'functions'))
    .filter((name) => existsSync(join(ROOT, 'functions', name, 'handler.ts')))
    .sort();

/** Files that a function is bundled of, as it is deployed. */
async function filesOf(name: string): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [join(ROOT, 'functions', name, 'handler.ts')],
    outdir: 'out',
    write: false,
    metafile: true,
    logLevel: 'error',
    ...BUNDLING,
  });
  const [output] = Object.values(metafile.outputs);
  // What was looked at and left out whole is no part of what is deployed.
  return Object.entries(output?.inputs ?? {})
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => path);
}

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as Manifest;

/** Folder of the package that a file belongs to: the nearest whose package.json has a name and a version. */
function packageFolder(path: string): string | null {
  if (!path.includes('node_modules/')) return null;
  for (let folder = dirname(path); folder.includes('node_modules'); folder = dirname(folder)) {
    if (!existsSync(join(ROOT, folder, 'package.json'))) continue;
    const { name, version } = manifestOf(folder);
    if (name && version) return folder;
  }
  throw new Error(`${path}: no package.json with a name and a version above it`);
}

function describe(folder: string, functions: ReadonlySet<string>): BundledPackage {
  const { name = '', version = '', license, repository } = manifestOf(folder);
  const text = readdirSync(join(ROOT, folder)).find((file) => TEXT.test(file));
  return {
    name,
    version,
    licence: (typeof license === 'string' ? license : license?.type) ?? null,
    folder,
    text: text === undefined ? null : join(folder, text).split(sep).join('/'),
    repository: (typeof repository === 'string' ? repository : repository?.url) ?? null,
    functions: [...functions].sort(),
  };
}

/** Every package of which code is in the bundle of a function, by name and version. */
export async function bundledPackages(): Promise<BundledPackage[]> {
  const folders = new Map<string, Set<string>>();
  for (const name of functionNames())
    for (const path of await filesOf(name)) {
      const folder = packageFolder(path);
      if (folder) folders.set(folder, (folders.get(folder) ?? new Set()).add(name));
    }
  const packages = [...folders].map(([folder, functions]) => describe(folder, functions));
  return packages.sort((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1));
}
