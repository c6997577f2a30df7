import type { HashRingOptions } from '@geecache/consistenthash'
import type { GeeCacheErrorCode, PeerValue } from '@geecache/core'

/**
 * What differs between the families of peers that a cluster may be made of: where they serve, how they spread keys, and
 * how a value, and the lack of one, looks on the wire.
 */
export interface Dialect {
  readonly basePath: string
  /** How keys are spread; undefined for the balanced ring. */
  readonly ring: HashRingOptions | undefined
  /** The media type of a value. */
  readonly valueType: string
  /** Whether its clients write a space as a plus, as Go's url.QueryEscape does, and a plus as %2B. */
  readonly plusIsSpace: boolean
  /** The body of an answer that holds a value. */
  encodeValue(value: PeerValue): Uint8Array
  /** Reads such a body; throws what is wrong with it. */
  decodeValue(body: Uint8Array): PeerValue
  /** The status of an answer that refuses with `code`. */
  statusOf(code: GeeCacheErrorCode): number
  /** What an answer says that was refused with `status` by a peer that is none of ours: undefined for a failure. */
  meaningOf(status: number): 'not-found' | 'load-failed' | undefined
  /** How such peers are given and rid of values, if they can be. */
  readonly changes: Changes | undefined
}

/** Requests that change a key at a peer that is none of ours: PUT with a body, and DELETE. */
interface Changes {
  encodeSet(group: string, key: string, value: PeerValue): Uint8Array
  /** Throws what is wrong with the body. */
  decodeSet(body: Uint8Array): PeerValue
}

// A map, because a code may be whatever a peer has said.
const statuses = new Map<string, number>([
  ['not-found', 404],
  ['not-cached', 404],
  ['group-unknown', 404],
  ['invalid-key', 400],
  ['load-timeout', 504],
  ['peer-timeout', 504],
  ['overloaded', 503],
  ['closed', 503],
] satisfies [GeeCacheErrorCode, number][])

/** The status of a refusal as HTTP means it; 500 for what it has no name for. */
export function usualStatus(code: string): number {
  return statuses.get(code) ?? 500
}
