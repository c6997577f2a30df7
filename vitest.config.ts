import { defineConfig } from 'vitest/config'

// Shared by every package: `vitest run --config ../../vitest.config.ts`. Tests run from source.
const conditions = ['@geecache/source']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['{src,test}/**/*.test.ts'],
    restoreMocks: true,
    // Nothing here is judged by how long it takes; this only ends what hangs, also on a machine that is busy.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
