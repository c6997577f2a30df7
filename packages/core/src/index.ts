// For those who cache.
export { ByteView } from './byte-view.ts'
export { bytes, type Codec, json, text } from './codec.ts'
export {
  GeeCacheError,
  type GeeCacheErrorCode,
  isGeeCacheError,
  isOriginError,
  NotFoundError,
  RemoveIncompleteError,
} from './errors.ts'
export type { BatchContext, BatchGetter, Getter, GetterContext } from './getter.ts'
export { Group, type SetOptions } from './group.ts'
export type { GroupOptions, HotOptions } from './options.ts'
// For those who write a transport.
export type {
  PeerAnswer,
  PeerGetter,
  PeerPicker,
  PeerRequest,
  PeerValue,
  Round,
  RoundRequest,
  SetRequest,
} from './peers.ts'
export type { CacheStats, GroupStats } from './stats.ts'
export type { WaitOptions } from './wait-options.ts'
