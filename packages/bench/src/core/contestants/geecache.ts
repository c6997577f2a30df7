import { type Codec, Group, text } from '@geecache/core'
import { HOUR_MS, type Load, type MakeCache } from './read-through.ts'

export const json: MakeCache = (load) => groupOf({ getter: load })
export const jsonTtl: MakeCache = (load) => groupOf({ getter: load, ttlMs: HOUR_MS })
export const asTexts: MakeCache = (load) => groupOf({ getter: textAfter(load), codec: text() })
export const asTextsTtl: MakeCache = (load) =>
  groupOf({ getter: textAfter(load), codec: text(), ttlMs: HOUR_MS })

function groupOf<V>(options: {
  getter: (key: string) => Promise<V>
  codec?: Codec<V>
  ttlMs?: number
}): Group<V> {
  return new Group({ name: 'bench', maxBytes: 2 ** 30, ...options })
}

function textAfter(load: Load): (key: string) => Promise<string> {
  return async (key) => JSON.stringify(await load(key))
}
