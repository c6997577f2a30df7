import { defineConfig } from 'tsup'

// Shared by every package: `tsup --config ../../tsup.config.ts <entries>`.
export default defineConfig({
  format: ['esm', 'cjs'],
  target: 'node20',
  clean: true,
  sourcemap: true,
  treeshake: true,
  // TypeScript 6 calls `baseUrl`, which tsup sets, deprecated.
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
})
