import { defineConfig } from 'vitest/config'

// Shared by every package: `vitest run --config ../../vitest.config.ts`. Tests run from source.
const conditions = ['@geecache/source']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['{src,test}/**/*.test.ts'],
    restoreMocks: true,
  },
})
