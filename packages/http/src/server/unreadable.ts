import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Refusal } from '../wire/refusal.ts'
import { hangUp, refusalReply } from './reply.ts'

/**
 * Answers what never became a request, because node's parser could not read it or its clock ran out. Node would do so
 * itself, but without a code that a program can read.
 */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Duplex, hasBegun: boolean): void {
  // After the beginning of another answer this one would be taken for the rest of it.
  if (socket.writable && !hasBegun) {
    const { status, headers, body } = refusalReply(refusals.get(error.code) ?? malformed, hangUp)
    let head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`
    for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`
    socket.write(`${head}\r\n${body}`)
  }
  socket.destroy(error)
}

const malformed: Refusal = { status: 400, code: 'bad-request', message: 'this is no HTTP request' }

// A map, because a code may be any word.
const refusals = new Map<string | undefined, Refusal>([
  ['HPE_HEADER_OVERFLOW', { status: 431, code: 'too-large', message: 'path and headers are too long' }],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', { status: 413, code: 'too-large', message: 'the body is too large' }],
  ['ERR_HTTP_REQUEST_TIMEOUT', { status: 408, code: 'too-slow', message: 'it took too long to arrive' }],
])
