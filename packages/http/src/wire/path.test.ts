import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatGroupPath, formatPath, parsePath } from './path.ts'

const base = '/_geecache/'

describe('a peer path', () => {
  it('brings any well-formed group and key across', () => {
    const name = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(name, name, (group, key) => {
        expect(parsePath(formatPath(base, group, key), base, false)).toEqual({ group, key })
      }),
      { numRuns: 1000 },
    )
  })

  it.each(['a b', 'a+b', 'a/b', '.', '..', '%2e%2e', 'ä€😀', '\0', '?#&;,=', '\r\nset-cookie: x', '\uFEFF'])(
    'brings %j across in characters that every server reads alike',
    (key) => {
      const path = formatPath(base, 'scores', key)
      expect(path).toMatch(/^\/_geecache\/scores\/[A-Za-z0-9\-_.!~*'()%]+$/)
      expect(parsePath(path, base, true)).toEqual({ group: 'scores', key })
    },
  )

  it('is read as Go’s clients write it, with a plus for a space', () => {
    expect(parsePath('/_geecache/scores/a+b%2Bc', base, true)).toEqual({ group: 'scores', key: 'a b+c' })
  })

  it('is read as others write it, with a plus for a plus', () => {
    expect(parsePath('/_geecache/scores/a+b%2Bc', base, false)).toEqual({ group: 'scores', key: 'a+b+c' })
  })

  it('may be about a group as a whole, or the peer itself', () => {
    expect(parsePath(base, base, true)).toEqual({})
    expect(parsePath(formatGroupPath(base, 'my scores'), base, true)).toEqual({ group: 'my scores' })
    expect(parsePath('/_geecache/scores/', base, true)).toEqual({ group: 'scores', key: '' })
  })

  it('keeps slashes after the group as part of the key, and ends at a query', () => {
    expect(parsePath('/_geecache/scores/a/../b?c=d', base, true)).toEqual({ group: 'scores', key: 'a/../b' })
  })

  it.each([
    '/',
    '/api?key=Tom',
    '/_geecache',
    '/_geecachex/scores/Tom',
    '//_geecache/scores/Tom',
    '/%5fgeecache/scores/Tom',
    'http://host/_geecache/scores/Tom',
    '*',
    '',
  ])('is not %j', (path) => {
    expect(parsePath(path, base, true)).toBeUndefined()
  })

  it.each([
    '/_geecache/scores/%',
    '/_geecache/scores/%zz',
    '/_geecache/scores/%ff',
    '/_geecache/scores/%ed%a0%80',
    '/_geecache/%c0%af/Tom',
  ])('makes no sense as %j (B2, B5)', (path) => {
    expect(parsePath(path, base, true)).toBe('malformed')
  })
})
