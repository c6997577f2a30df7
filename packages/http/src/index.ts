export { HTTPPool } from './http-pool.ts'
export type { HTTPPoolLimits, HTTPPoolOptions } from './options.ts'
