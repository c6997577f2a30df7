import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import type { PeerValue } from '@geecache/core'

/**
 * The messages of the groupcache family, in protocol buffers:
 *
 *   GetResponse { 1: bytes value, 2: double minute_qps, 3: int64 expire }
 *   SetRequest  { 1: string group, 2: string key, 3: bytes value, 4: int64 expire }
 *
 * `expire` is mailgun's: a date, in nanoseconds since 1970, and 0 for a value that does not expire. A date is only as good
 * as the two clocks; where the peer is one of ours, the time left that it says in a header comes before it.
 */

/** Writes a GetResponse; `withExpiry` always says when it expires, as mailgun's peers do. */
export function encodeGetResponse(value: PeerValue, { withExpiry }: { withExpiry: boolean }): Uint8Array {
  const writer = new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(value.bytes)
  if (value.qps !== undefined && value.qps > 0) writer.tag(2, WireType.Bit64).double(60 * value.qps)
  if (withExpiry) writer.tag(3, WireType.Varint).int64(dateOf(value.ttlMs))
  return writer.finish()
}

/** Reads a GetResponse. Throws for what is none. */
export function decodeGetResponse(body: Uint8Array): PeerValue {
  const fields = readFields(body, { 1: 'bytes', 2: 'double', 3: 'int64' })
  const qps = fields.get(2)
  return {
    bytes: (fields.get(1) as Uint8Array | undefined) ?? new Uint8Array(),
    ...(typeof qps === 'number' && qps >= 0 && qps < Number.POSITIVE_INFINITY ? { qps: qps / 60 } : {}),
    ...lifeOf(fields.get(3)),
  }
}

/** Writes a SetRequest. */
export function encodeSetRequest(group: string, key: string, value: PeerValue): Uint8Array {
  const writer = new BinaryWriter()
    .tag(1, WireType.LengthDelimited)
    .string(group)
    .tag(2, WireType.LengthDelimited)
    .string(key)
    .tag(3, WireType.LengthDelimited)
    .bytes(value.bytes)
  return writer.tag(4, WireType.Varint).int64(dateOf(value.ttlMs)).finish()
}

/** Reads the value of a SetRequest; its group and key are those of the path. Throws for what is none. */
export function decodeSetRequest(body: Uint8Array): PeerValue {
  const fields = readFields(body, { 3: 'bytes', 4: 'int64' })
  return {
    bytes: (fields.get(3) as Uint8Array | undefined) ?? new Uint8Array(),
    ...lifeOf(fields.get(4)),
  }
}

type Kind = 'bytes' | 'double' | 'int64'
const wireTypes = {
  bytes: WireType.LengthDelimited,
  double: WireType.Bit64,
  int64: WireType.Varint,
} as const

/** The fields of a message that are asked for, the last one of each number; all others are skipped. */
function readFields(body: Uint8Array, wanted: Record<number, Kind>): Map<number, unknown> {
  const reader = new BinaryReader(body)
  const fields = new Map<number, unknown>()
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag()
    const kind = wanted[number]
    if (kind === undefined || wireTypes[kind] !== type) reader.skip(type, number)
    else fields.set(number, reader[kind]())
  }
  return fields
}

const nanosecondsPerMs = 1_000_000n
const latestDate = 2n ** 63n - 1n

function dateOf(ttlMs: number | undefined): bigint {
  if (ttlMs === undefined || ttlMs === Number.POSITIVE_INFINITY) return 0n
  const date = BigInt(Math.floor(Date.now() + ttlMs)) * nanosecondsPerMs
  return date > latestDate ? 0n : date
}

function lifeOf(date: unknown): { ttlMs?: number } {
  if (date === undefined || BigInt(date as bigint) === 0n) return {}
  return { ttlMs: Math.max(0, Number(BigInt(date as bigint) / nanosecondsPerMs) - Date.now()) }
}
