import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import cdk from '../../cdk.json' with { type: 'json' };
import { DEPLOYMENT } from '../../functions/core/cost-model/deployment.ts';
import { BUNDLING } from '../../infra/bundling.ts';
import { WattlineStack } from '../../infra/wattline-stack.ts';

/** Cold starts read and compile every byte of a bundle; the target of ingest is the design's. */
const INGEST_LIMIT_BYTES = 900_000;
const OTHERS_LIMIT_BYTES = 1_500_000;
/** Functions that are the deployment's own: each folder with a handler. */
const FUNCTIONS = readdirSync(join(import.meta.dirname, '../../functions')).filter((name) =>
  readdirSync(join(import.meta.dirname, '../../functions', name)).includes('handler.ts'),
);

interface FunctionResource {
  readonly Properties: {
    readonly Architectures: readonly string[];
    readonly MemorySize: number;
    readonly Timeout: number;
    readonly Runtime: string;
    readonly Handler: string;
    readonly Code: { readonly S3Key: string };
  };
}

interface Mapping {
  readonly Properties: {
    readonly BatchSize: number;
    readonly MaximumBatchingWindowInSeconds: number;
    readonly ScalingConfig: { readonly MaximumConcurrency: number };
  };
}

interface Bundle {
  readonly id: string;
  readonly properties: FunctionResource['Properties'];
  /** Everything that is deployed, by path. */
  readonly files: ReadonlyMap<string, Buffer>;
}

/** Packages that the SDK asks for where a request is signed for several regions at once, which none of ours is; and those left out. */
const NOT_REACHED = ['@aws-sdk/signature-v4-crt', '@aws-sdk/signature-v4a', ...BUNDLING.external];

const outdir = mkdtempSync(join(tmpdir(), 'wattline-bundles-'));
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

let template: Template;
let bundles: Bundle[];

function filesIn(folder: string): Map<string, Buffer> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((f) => f.isFile());
  return new Map(
    files.map((f) => {
      const path = join(f.parentPath, f.name);
      return [path.slice(folder.length + 1), readFileSync(path)];
    }),
  );
}

/** The stack with its bundles made, exactly as `cdk deploy` makes them. */
beforeAll(() => {
  const app = new App({ context: cdk.context, outdir });
  const stack = new WattlineStack(app, 'Wattline');
  template = Template.fromStack(stack);
  const functions = template.findResources('AWS::Lambda::Function') as Record<string, FunctionResource>;
  bundles = Object.entries(functions).map(([id, { Properties: properties }]) => {
    const hash = properties.Code.S3Key.replace(/\.zip$/, '');
    return { id, properties, files: filesIn(join(outdir, `asset.${hash}`)) };
  });
}, 120_000);

const bundleOf = (name: string): Bundle => {
  const pattern = new RegExp(
    `(^|[a-z])${name[0]?.toUpperCase()}${name.slice(1)}(Worker)?Function[0-9A-F]{8}$`,
  );
  const found = bundles.filter(({ id }) => pattern.test(id));
  if (found.length !== 1) throw new Error(`${name}: ${found.length} functions in the stack; expected 1`);
  return found[0] as Bundle;
};
const codeOf = ({ files }: Bundle): string => (files.get('index.mjs') as Buffer).toString('utf8');

describe('bundles', () => {
  test('there is one for each function, and no function besides', () => {
    expect(FUNCTIONS).toEqual(expect.arrayContaining(['ingest', 'evaluate', 'decide', 'reconcile']));
    expect(bundles).toHaveLength(FUNCTIONS.length);
    for (const name of FUNCTIONS) expect(bundleOf(name).files.has('index.mjs'), name).toBe(true);
  });

  test('of ingest is below 900 kB, and of the others below 1,500 kB', () => {
    for (const name of FUNCTIONS) {
      const limit = name === 'ingest' ? INGEST_LIMIT_BYTES : OTHERS_LIMIT_BYTES;
      expect(codeOf(bundleOf(name)).length, name).toBeLessThan(limit);
    }
  });

  test('are for arm64, and hold code alone: nothing native, so that any processor could run them', () => {
    for (const { id, properties, files } of bundles) {
      expect(properties.Architectures, id).toEqual(['arm64']);
      expect([...files.keys()], id).toEqual(['index.mjs']);
      for (const bytes of files.values())
        expect(bytes.subarray(0, 4), id).not.toEqual(Buffer.from('\x7fELF'));
    }
  });

  test('import nothing that is not in them or in Node', () => {
    const builtin = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));
    for (const bundle of bundles) {
      const code = codeOf(bundle);
      const imported = [
        ...code.matchAll(/(?:^|[;}\n])import[^"';()]*?(?:from)?\s*["']([^"']+)["']/g),
        ...code.matchAll(/\b(?:require|import)\(["']([^"']+)["']\)/g),
      ].map((match) => match[1] as string);
      expect(imported.length, bundle.id).toBeGreaterThan(2);
      expect(
        imported.filter((name) => !builtin.has(name) && !NOT_REACHED.includes(name)),
        bundle.id,
      ).toEqual([]);
      expect(/["'][^"'\n]{0,200}\.node["']/.test(code), bundle.id).toBe(false);
    }
  });

  test('load where nothing is installed, as far as the environment that they ask for', () => {
    for (const { id, properties } of bundles) {
      const path = join(outdir, `asset.${properties.Code.S3Key.replace(/\.zip$/, '')}`, 'index.mjs');
      const script = `await import(${JSON.stringify(pathToFileURL(path).href)}).catch((e) => console.log(e.code));`;
      const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
        encoding: 'utf8',
        cwd: outdir,
        env: { AWS_REGION: 'us-east-1', PATH: process.env.PATH ?? '' },
      });
      // Of our own error for a variable that is missing: by then everything was found and ran.
      expect(stdout.trim(), id).toBe('environment');
    }
  });

  test('export the handler that the function names, each its own', () => {
    for (const { id, properties, files } of bundles) {
      expect(properties.Handler, id).toBe('index.handler');
      const code = (files.get('index.mjs') as Buffer).toString('utf8');
      expect(/export\s*\{[^}]*\bas handler\b[^}]*\}/.test(code), id).toBe(true);
    }
    expect(new Set(bundles.map(codeOf)).size).toBe(bundles.length);
  });
});

describe('what the cost model takes of the stack', () => {
  test.each(['ingest', 'evaluate'])('memory and time of %s', (name) => {
    const { MemorySize, Timeout } = bundleOf(name).properties;
    expect([MemorySize, Timeout]).toEqual([DEPLOYMENT.readerMb, DEPLOYMENT.readerTimeoutS]);
  });
  test.each(['reconcile', 'decide'])('memory and time of %s', (name) => {
    const { MemorySize, Timeout } = bundleOf(name).properties;
    expect([MemorySize, Timeout]).toEqual([DEPLOYMENT.nightMb, DEPLOYMENT.nightTimeoutS]);
  });
  test('batches and how many functions work', () => {
    const mappings = Object.values(template.findResources('AWS::Lambda::EventSourceMapping')) as Mapping[];
    const found = mappings.map(({ Properties: p }) => ({
      size: p.BatchSize,
      windowS: p.MaximumBatchingWindowInSeconds,
      atOnce: p.ScalingConfig.MaximumConcurrency,
    }));
    const { ingestBatch, evaluateBatch, ingestAtOnce, evaluateAtOnce } = DEPLOYMENT;
    expect(found).toHaveLength(2);
    expect(found).toEqual(
      expect.arrayContaining([
        { ...ingestBatch, atOnce: ingestAtOnce },
        { ...evaluateBatch, atOnce: evaluateAtOnce },
      ]),
    );
  });
  test('queues', () => {
    template.hasResourceProperties('AWS::SQS::Queue', { VisibilityTimeout: DEPLOYMENT.visibilityS });
    const queues = Object.values(template.findResources('AWS::SQS::Queue'));
    const receives = queues.flatMap((q) => q.Properties.RedrivePolicy?.maxReceiveCount ?? []);
    expect(new Set(receives)).toEqual(new Set([DEPLOYMENT.maxReceives]));
  });
});
