import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { answerUnreadable } from './unreadable.ts'

function answerTo(code: string | undefined, hasBegun = false): { text: string; isClosed: boolean } {
  const socket = new PassThrough()
  let text = ''
  socket.write = (chunk: unknown) => {
    text += String(chunk)
    return true
  }
  socket.on('error', () => {})
  const error = Object.assign(new Error('no'), code === undefined ? {} : { code })
  answerUnreadable(error, socket, hasBegun)
  return { text, isClosed: socket.destroyed }
}

describe('answerUnreadable', () => {
  it.each([
    ['HPE_HEADER_OVERFLOW', '431 Request Header Fields Too Large', 'too-large'],
    ['HPE_CHUNK_EXTENSIONS_OVERFLOW', '413 Payload Too Large', 'too-large'],
    ['ERR_HTTP_REQUEST_TIMEOUT', '408 Request Timeout', 'too-slow'],
    ['HPE_INVALID_METHOD', '400 Bad Request', 'bad-request'],
    ['constructor', '400 Bad Request', 'bad-request'],
    [undefined, '400 Bad Request', 'bad-request'],
  ])('says of %s that it is %s, with a code, and hangs up', (code, status, said) => {
    const { text, isClosed } = answerTo(code)
    const [head = '', body = ''] = text.split('\r\n\r\n')
    const lines = head.split('\r\n')
    expect(lines[0]).toBe(`HTTP/1.1 ${status}`)
    expect(lines).toContain(`geecache-code: ${said}`)
    expect(lines).toContain('connection: close')
    expect(lines).toContain(`content-length: ${body.length}`)
    expect(isClosed).toBe(true)
  })

  it('says nothing into an answer that has begun', () => {
    expect(answerTo('HPE_INVALID_METHOD', true)).toEqual({ text: '', isClosed: true })
  })

  it('says nothing to who is gone', () => {
    const socket = new PassThrough()
    socket.on('error', () => {})
    socket.destroy()
    expect(() => answerUnreadable(new Error('no'), socket, false)).not.toThrow()
  })
})
