import { describe, expect, it, vi } from 'vitest'
import { show } from './show.ts'

describe('show', () => {
  it.each<[unknown, string]>([
    [undefined, 'undefined'],
    [null, 'null'],
    [5, '5'],
    [-0.5, '-0.5'],
    [5n, '5n'],
    [Symbol('s'), 'Symbol(s)'],
    ['Tom', '"Tom"'],
    [() => {}, 'a function'],
    [{ a: 1 }, '{"a":1}'],
    [['A', { b: [] }], '["A",{"b":[]}]'],
    [new Uint8Array(1e6), 'a Uint8Array of 1000000 bytes'],
    [{ bytes: new Uint8Array(1e6) }, '{"bytes":"a Uint8Array of 1000000 bytes"}'],
    [{ big: 1n }, 'an object'],
    [Object.create(null), '{}'],
    [{}, '{}'],
    [new Map([[1, 2]]), 'a Map'],
    [Promise.resolve(5), 'a Promise'],
    [new AbortController(), 'an AbortController'],
    [Object.assign(Object.create(null), { big: 1n }), 'an object'],
    [new Array(1000).fill(0), 'an array of 1000'],
  ])('shows %o as %s', (value, text) => {
    expect(show(value)).toBe(text)
  })

  it('cuts what is long', () => {
    expect(show('x'.repeat(1000))).toBe(`"${'x'.repeat(79)}… (1000 characters)`)
    expect(show({ text: 'x'.repeat(1000) })).toMatch(/^\{"text":"x{71}… \(\d+ characters\)$/)
    expect(show('x'.repeat(78))).toBe(`"${'x'.repeat(78)}"`)
  })

  it('does not look at all of what is large', () => {
    const toJSON = vi.fn(() => 0)
    expect(show(new Array(1e6).fill({ toJSON }))).toBe('an array of 1000000')
    expect(toJSON.mock.calls.length).toBeLessThan(100)
    const map = new Map()
    Object.assign(map, Object.fromEntries(Array.from({ length: 100 }, (_, i) => [i, i])))
    expect(show(map)).toBe('a Map')
  })

  it('survives cycles, and what throws', () => {
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    expect(show(cycle)).toBe('an object')
    expect(
      show({
        toJSON: () => {
          throw new Error('no')
        },
      }),
    ).toBe('an object')
  })
})
