export { isReentrantError, type ReentrantError } from './errors.ts'
export type { CallOptions, SingleFlightOptions } from './options.ts'
export { type BatchRun, type Run, type Shared, SingleFlight } from './singleflight.ts'
