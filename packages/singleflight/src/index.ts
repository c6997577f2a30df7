export { isSingleFlightError, SingleFlightError, type SingleFlightErrorCode } from './errors.ts'
export type { CallOptions, SingleFlightOptions } from './options.ts'
export { type BatchFunction, type Shared, SingleFlight, type SingleFunction } from './singleflight.ts'
