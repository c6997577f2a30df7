import { decode, type Entry, type Source, valueEntry } from './entry.ts'
import { GeeCacheError } from './errors.ts'
import type { ResolvedOptions } from './options.ts'
import { ownBytes, plain } from './own-bytes.ts'
import type { PeerValue } from './peers.ts'
import { show } from './show.ts'

/** What is to be known of a group to make something of what its peers answer. */
type Reader<V> = Pick<ResolvedOptions<V>, 'codec' | 'now'>

/** The value in a peer's answer, for who waits for it; it is not kept. Throws GeeCacheError `peer-failed`. */
export function receivedValue<V>(key: string, answer: PeerValue, { codec }: Reader<V>): V {
  check(answer)
  try {
    return decode(codec, codec.copies === true ? plain(answer.bytes) : ownBytes(answer.bytes))
  } catch (cause) {
    throw undecodable(key, cause)
  }
}

/** The entry of a peer's answer, to be kept. Throws GeeCacheError `peer-failed`. */
export function receivedEntry<V>(
  key: string,
  answer: PeerValue,
  { codec, now }: Reader<V>,
  from: Source,
): Entry<V> {
  check(answer)
  const { bytes, ttlMs = Number.POSITIVE_INFINITY } = answer
  const freshUntilMs = ttlMs === Number.POSITIVE_INFINITY ? ttlMs : now() + ttlMs
  try {
    return valueEntry(key, bytes, codec, { from, freshUntilMs })
  } catch (cause) {
    throw undecodable(key, cause)
  }
}

/** Before anything is made of it: a transport may be anybody's. */
function check({ bytes, ttlMs = 0 }: PeerValue): void {
  if (bytes instanceof Uint8Array && typeof ttlMs === 'number' && ttlMs >= 0) return
  throw new GeeCacheError(
    'peer-failed',
    `a peer answered with ${show(bytes)} for bytes and a ttlMs of ${show(ttlMs)}, which is no value`,
  )
}

function undecodable(key: string, cause: unknown): GeeCacheError {
  return new GeeCacheError('peer-failed', `a peer's value for key ${show(key)} can't be decoded`, { cause })
}
