// For those who cache.
export { ByteView } from './byte-view.ts'
export { bytes, type Codec, json, text } from './codec.ts'
export { GeeCacheError, type GeeCacheErrorCode, isGeeCacheError, NotFoundError } from './errors.ts'
export type { Getter, GetterContext } from './getter.ts'
export { type GetOptions, Group } from './group.ts'
export type { GroupOptions, HotOptions } from './options.ts'
// For those who write a transport.
export type { PeerGetter, PeerPicker, PeerRequest, PeerValue } from './peers.ts'
export type { CacheStats, GroupStats } from './stats.ts'
