import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { BUNDLING } from '../../infra/bundling.ts';
import { ENVIRONMENTS, FUNCTIONS } from './environments.ts';

describe('the environment of a function', () => {
  test.each(FUNCTIONS)('fault 42: %s does not start without them, and names them', async (name) => {
    const wanted = ENVIRONMENTS[name] as string[];
    for (const variable of wanted) vi.stubEnv(variable, undefined as unknown as string);
    vi.resetModules();
    try {
      const error: unknown = await import(`../../functions/${name}/handler.ts`).catch((e: unknown) => e);
      expect(error).toMatchObject({ code: 'environment' });
      for (const variable of wanted) expect((error as Error).message).toContain(variable);
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

describe('the package of a function', () => {
  /** Bundled as it is deployed. */
  const bundled = (name: string) =>
    build({
      entryPoints: [fileURLToPath(new URL(`../../functions/${name}/handler.ts`, import.meta.url))],
      write: false,
      metafile: true,
      logLevel: 'silent',
      outdir: 'out',
      ...BUNDLING,
    });
  const bundles = new Map<string, Awaited<ReturnType<typeof bundled>>>();
  beforeAll(async () => {
    for (const name of FUNCTIONS) bundles.set(name, await bundled(name));
  });

  test.each(FUNCTIONS)('fault 47: %s is one file of JavaScript, that runs on any processor', (name) => {
    const { metafile, outputFiles } = bundles.get(name) as Awaited<ReturnType<typeof bundled>>;
    expect(outputFiles).toHaveLength(1);
    const inputs = Object.keys(metafile?.inputs ?? {});
    expect(inputs.length).toBeGreaterThan(50);
    expect(inputs.filter((path) => !/\.(?:[cm]?js|ts|json)$/.test(path))).toEqual([]);
    const [output] = Object.values(metafile?.outputs ?? {});
    const outside = (output?.imports ?? []).filter(
      (i) => i.external && !builtinModules.includes(i.path.replace(/^node:/, '')),
    );
    // Nothing else is left out, and that only where it is asked for while it runs.
    expect(outside.filter((i) => !BUNDLING.external.includes(i.path))).toEqual([]);
    expect(outside.filter((i) => i.kind !== 'dynamic-import')).toEqual([]);
    const text = outputFiles?.[0]?.text ?? '';
    expect(/\.node["'`]\)|process\.dlopen|node-gyp-build|prebuilds\//.test(text)).toBe(false);
  });

  test.each(FUNCTIONS)('fault 38: %s has no temporary files: no code of ours in it opens one', (name) => {
    const inputs = Object.entries(bundles.get(name)?.metafile?.inputs ?? {});
    const ours = inputs.filter(
      ([path]) => /(?:^|\/)functions\//.test(path) && !path.includes('node_modules'),
    );
    expect(ours.length).toBeGreaterThan(10);
    const users = ours.filter(([, { imports }]) => imports.some((i) => /^(?:node:)?fs(?:\/|$)/.test(i.path)));
    expect(users.map(([path]) => path)).toEqual([]);
  });
});
