import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/conformance/server/**', 'test/browser/**', 'test/deployed/**', 'node_modules/**'],
    env: { CDK_VALIDATION: 'false' },
    testTimeout: 60_000,
  },
});
