import { murmur3 } from '@geecache/consistenthash'

/** A short form of what was asked, for the answer to repeat. */
export function echoOf(group: string, key: string): string {
  return murmur3(`${group}\0${key}`).toString(16)
}
