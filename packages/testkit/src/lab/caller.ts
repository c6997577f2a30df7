import { Group, type GroupOptions, text } from '@geecache/core'
import { HTTPPool, type HTTPPoolOptions } from '@geecache/http'

/** What connects a group of this process with one peer, which owns the keys that are asked for. */
export interface Link extends AsyncDisposable {
  readonly pool: HTTPPool
  /** The next key that the peer owns; none comes twice. */
  nextKey(prefix?: string): string
}

/** Has `group` ask the peer at `url`, however often that fails. */
export function linkTo(
  url: string,
  group: Pick<Group<unknown>, 'name' | 'local' | 'registerPeers' | 'close'>,
  poolOptions: HTTPPoolOptions = {},
  self = 'http://127.0.0.1:1',
): Link {
  const pool = new HTTPPool(self, { breaker: false, ...poolOptions }).register(group)
  pool.set(self, url)
  let number = 0
  return {
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

/** A group of strings in this process, and its link. */
export interface Caller extends Link {
  readonly group: Group<string>
}

/** What this process answers itself when the peer cannot. */
export function ownValue(key: string): string {
  return `${key} from here`
}

/** A caller of the peer at `url`. */
export function openCaller(
  url: string,
  poolOptions: HTTPPoolOptions = {},
  groupOptions: Partial<GroupOptions<string>> = {},
): Caller {
  const group = new Group<string>({
    name: 'values',
    maxBytes: 64 * 2 ** 20,
    codec: text(),
    getter: ownValue,
    ...groupOptions,
  })
  return { group, ...linkTo(url, group, poolOptions) }
}
