import type { PeerValue } from '@geecache/core'
import { echoOf } from '../src/wire/echo.ts'
import { refusalFrame, valueHead, viewOf, writeValueHead } from '../src/wire/frames.ts'

/** A whole answer, as it stands on a connection. */
export function response(head: string, body: string | Uint8Array = ''): Buffer {
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${head.replaceAll('\n', '\r\n')}\r\n\r\n`), Buffer.from(body)])
}

/** A peer of ours that has a value. */
export function valueResponse(key: string, text: string, group = 'scores'): Buffer {
  const head = `200 OK\ngeecache-protocol: 1\ngeecache-echo: ${echoOf(group, key)}\ncontent-type: application/octet-stream`
  return response(`${head}\ncontent-length: ${Buffer.byteLength(text)}`, text)
}

/** The head of an answer in frames; without a length it is to be continued in chunks. */
export function framesHead(keys: readonly string[], length?: number, group = 'scores'): Buffer {
  const how = length === undefined ? 'transfer-encoding: chunked' : `content-length: ${length}`
  const type = 'application/vnd.geecache.frames'
  const echo = echoOf(group, keys[0] as string)
  return response(`200 OK\ngeecache-protocol: 1\ngeecache-echo: ${echo}\ncontent-type: ${type}\n${how}`)
}

/** A whole answer in frames. */
export function framesResponse(keys: readonly string[], ...frames: Buffer[]): Buffer {
  const body = Buffer.concat(frames)
  return Buffer.concat([framesHead(keys, body.length), body])
}

export function valueFrame(index: number, text: string, life: Omit<PeerValue, 'bytes'> = {}): Buffer {
  const head = Buffer.alloc(valueHead)
  const bytes = Buffer.from(text)
  writeValueHead(viewOf(head), 0, index, { bytes, ...life })
  return Buffer.concat([head, bytes])
}

export function noFrame(index: number, code: string, message = 'no'): Buffer {
  return refusalFrame(index, { code, message })
}

/** A piece of a body that goes on; an empty one ends it. */
export function piece(data: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from('\r\n')])
}
