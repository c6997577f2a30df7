import { crc32 } from './hash/crc32.ts'
import { fnv1 } from './hash/fnv1.ts'
import { md5 } from './hash/md5.ts'
import type { HashRingOptions } from './options.ts'

/**
 * The ring of golang/groupcache and of GeeCache, key for key: 50 points, CRC-32 of the decimal index and the name.
 *
 * Where two nodes have a point in common, which is rare, Go gives it to the one that was added last. Here it is the one
 * with the greatest name: the same, if the Go peers add their nodes in rising order.
 */
export const goRing: HashRingOptions = { replicas: 50, hash: crc32 }

/** The ring of mailgun/groupcache v2, key for key: 50 points, 64-bit FNV-1 of the MD5 of the decimal index and the name. */
export const mailgunRing: HashRingOptions = {
  replicas: 50,
  hash: fnv1,
  hashBits: 53,
  label: (name, index) => md5(index + name),
}

/** The ring of groupcache/groupcache-go v3, key for key: mailgun's. Its nodes are named host:port, without a scheme. */
export const groupcacheGoRing: HashRingOptions = mailgunRing
