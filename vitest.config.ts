import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Vite would take graphql's `module` build for our code and Node its `main` for the libraries: two of them do not mix.
  resolve: { alias: [{ find: /^graphql$/, replacement: createRequire(import.meta.url).resolve('graphql') }] },
  oxc: { decorator: { legacy: true } },
  test: {
    // Compiled copies in dist/ are not tests.
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/server.ts'],
    setupFiles: ['reflect-metadata'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What a test starts must be gone when it ends.
    teardownTimeout: 20_000,
  },
});
