import { defineConfig } from 'tsup'

// Shared by every package: `tsup --config ../../tsup.config.ts <entries>`.
export default defineConfig({
  format: ['esm', 'cjs'],
  target: 'node20',
  clean: true,
  sourcemap: true,
  treeshake: true,
  // `node:` says what an import is; bundlers for browsers go by it.
  removeNodeProtocol: false,
  // TypeScript 6 calls `baseUrl`, which tsup sets, deprecated.
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
})
