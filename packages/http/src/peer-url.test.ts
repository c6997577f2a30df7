import { isGeeCacheError } from '@geecache/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isLoopback, normalizePeerUrl } from './peer-url.ts'

describe('normalizePeerUrl', () => {
  it.each([
    ['http://10.0.0.1:8001', 'http://10.0.0.1:8001'],
    ['http://10.0.0.1:8001/', 'http://10.0.0.1:8001'],
    ['HTTP://Cache-1.Internal:80', 'http://cache-1.internal'],
    ['http://[::1]:8001', 'http://[::1]:8001'],
    ['http://[0:0:0:0:0:0:0:1]:8001', 'http://[::1]:8001'],
  ])('spells %s as %s', (text, url) => {
    expect(normalizePeerUrl(text, 'http')).toBe(url)
  })

  it.each([
    ['10.0.0.1:8001', 'which is not a URL'],
    ['localhost:8001', 'which has the scheme localhost:'],
    ['', 'which is not a URL'],
    ['ftp://10.0.0.1', 'which has the scheme ftp:'],
    ['file:///etc/passwd', 'which has the scheme file:'],
    ['http://10.0.0.1:8001/_geecache/', 'which goes on after the port'],
    ['http://10.0.0.1:8001/?a', 'which goes on after the port'],
    ['http://10.0.0.1:99999', 'which is not a URL'],
  ])('refuses %j (B16)', (text, complaint) => {
    expect(() => normalizePeerUrl(text, 'http')).toThrow(complaint)
  })

  it('takes https where there are certificates, and nothing else there', () => {
    expect(normalizePeerUrl('https://cache-1:443', 'https')).toBe('https://cache-1')
    expect(() => normalizePeerUrl('http://cache-1', 'https')).toThrow('peers with certificates need https')
    expect(() => normalizePeerUrl('https://cache-1', 'http')).toThrow('https needs the option tls')
  })

  it('refuses credentials without repeating them', () => {
    try {
      normalizePeerUrl('http://user:hunter2@10.0.0.1', 'http')
      expect.unreachable()
    } catch (error) {
      expect(isGeeCacheError(error, 'invalid-option')).toBe(true)
      expect((error as Error).message).not.toContain('hunter2')
    }
  })
})

describe('a list of peers that nobody has checked (B16)', () => {
  it('gives the addresses of servers, and nothing else', () => {
    const pieces = fc.tuple(
      fc.constantFrom('http:', 'HTTP:', 'https:', 'ftp:', 'file:', 'javascript:', ''),
      fc.constantFrom('//', '/', '\\\\', ''),
      fc.constantFrom('', 'user@', 'user:password@', '@', ':@'),
      fc.constantFrom('10.0.0.1', '[::1]', 'Cache-1', '0x7f.1', 'a b', 'ä', '', '%31', '..'),
      fc.constantFrom('', ':8001', ':0', ':99999', ':x', ':'),
      fc.constantFrom('', '/', '//', '/a/../', '/x', '?', '?a', '#', '#a', '\\x', '\r\nx: y'),
    )
    const text = fc.oneof(
      pieces.map((some) => some.join('')),
      fc.webUrl(),
      fc.string({ unit: 'binary' }),
    )
    fc.assert(
      fc.property(text, (url) => {
        const known = normalizedOrRefused(url)
        if (known === undefined) return
        expect(known).toMatch(/^http:\/\/([a-z0-9.-]+|\[[0-9a-f:]+\])(:\d+)?$/)
        expect(normalizePeerUrl(known, 'http')).toBe(known)
      }),
      { numRuns: 1000 },
    )
  })
})

function normalizedOrRefused(url: string): string | undefined {
  try {
    return normalizePeerUrl(url, 'http')
  } catch (error) {
    if (!isGeeCacheError(error, 'invalid-option')) throw error
    return undefined
  }
}

describe('isLoopback', () => {
  it.each(['localhost', '127.0.0.1', '127.1.2.3', '[::1]'])('holds for %s', (host) => {
    expect(isLoopback(host)).toBe(true)
  })

  it.each(['10.0.0.1', '0.0.0.0', '[::]', '127.0.0.1.example.com', 'localhost.example.com', '128.0.0.1'])(
    'does not hold for %s',
    (host) => {
      expect(isLoopback(host)).toBe(false)
    },
  )
})
