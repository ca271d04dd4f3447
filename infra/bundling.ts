import type { BuildOptions } from 'esbuild';

/**
 * Ways to credentials that a function never takes, a tenth of what it would load: Lambda puts them into its
 * environment, where the SDK looks first. It imports each of these only when it comes to it.
 */
const LEFT_OUT = [
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
];

/** How functions are bundled: what tests, benchmarks and lists of packages look at is what is deployed. */
export const BUNDLING = {
  bundle: true,
  minify: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  mainFields: ['module', 'main'],
  external: LEFT_OUT,
  banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
} satisfies BuildOptions;
