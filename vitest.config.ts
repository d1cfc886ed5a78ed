import { defineConfig } from 'vitest/config';

// biome-ignore lint/style/noDefaultExport: vitest reads its configuration from a default export.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // No room has module state, so files share a worker: a fifth of the time is saved.
    isolate: false,
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
