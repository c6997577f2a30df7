import { Group, type GroupOptions, text } from '@geecache/core'
import { HTTPPool, type HTTPPoolOptions } from '@geecache/http'

/** A group of this process with one peer, which owns the keys that are asked for. */
export interface Caller extends AsyncDisposable {
  readonly group: Group<string>
  readonly pool: HTTPPool
  /** The next key that the peer owns; none comes twice. */
  nextKey(prefix?: string): string
}

/** What this process answers itself when the peer cannot. */
export function ownValue(key: string): string {
  return `${key} from here`
}

/** A caller of the peer at `url`, which it keeps asking however often that fails. */
export function openCaller(
  url: string,
  poolOptions: HTTPPoolOptions = {},
  groupOptions: Partial<GroupOptions<string>> = {},
): Caller {
  const self = 'http://127.0.0.1:1'
  const group = new Group<string>({
    name: 'values',
    maxBytes: 64 * 2 ** 20,
    codec: text(),
    getter: ownValue,
    ...groupOptions,
  })
  const pool = new HTTPPool(self, { breaker: false, ...poolOptions }).register(group)
  pool.set(self, url)
  let number = 0
  return {
    group,
    pool,
    nextKey(prefix = 'key-') {
      for (;;) {
        const key = `${prefix}${number++}`
        if (pool.pickPeer(key) !== undefined) return key
      }
    },
    async [Symbol.asyncDispose]() {
      await pool.close()
      await group.close()
    },
  }
}
