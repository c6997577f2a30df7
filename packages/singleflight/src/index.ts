export type { BatchRun } from './batch.ts'
export { isReentrantError, type ReentrantError } from './errors.ts'
export type { CallOptions, SingleFlightOptions } from './options.ts'
export { type Run, type Shared, SingleFlight } from './singleflight.ts'
