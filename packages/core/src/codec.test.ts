import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteView } from './byte-view.ts'
import { bytes, type Codec, json, text } from './codec.ts'
import { Group } from './group.ts'
import type { GroupOptions } from './options.ts'

describe('json', () => {
  it('gives back what JSON can say', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const codec = json()
        expect(JSON.stringify(codec.decode(codec.encode(value)))).toBe(JSON.stringify(value))
      }),
    )
  })

  it('freezes what it decodes, all the way down', () => {
    const codec = json<{ list: { name: string }[] }>()
    const value = codec.decode(codec.encode({ list: [{ name: 'Tom' }, { name: 'Sam' }] }))
    expect(Object.isFrozen(value)).toBe(true)
    expect(Object.isFrozen(value.list)).toBe(true)
    for (const item of value.list) expect(Object.isFrozen(item)).toBe(true)
    expect(() => value.list.push({ name: 'Jack' })).toThrow(TypeError)
  })

  it('freezes values that are nested deeper than a call stack goes', () => {
    const depth = 20_000
    const encoded = new TextEncoder().encode(`${'['.repeat(depth)}${']'.repeat(depth)}`)
    let value: unknown = json().decode(encoded)
    let frozen = 0
    for (; Object.isFrozen(value) && Array.isArray(value); value = value[0]) frozen++
    expect(frozen).toBe(depth)
  })

  it.each([[() => 0], [Symbol('s')], [undefined]])('refuses %s, which has no form in JSON', (value) => {
    expect(() => json().encode(value)).toThrow(/has no form in JSON/)
  })

  it('refuses cycles and BigInts', () => {
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    expect(() => json().encode(cycle)).toThrow(TypeError)
    expect(() => json().encode(1n)).toThrow(TypeError)
  })

  it('keeps a key named __proto__ an ordinary key', () => {
    const value = json<object>().decode(new TextEncoder().encode('{"__proto__": {"polluted": true}}'))
    expect(Object.keys(value)).toEqual(['__proto__'])
    expect((value as { polluted?: boolean }).polluted).toBeUndefined()
  })
})

describe('json, as to how much memory a value holds', () => {
  it('tells values apart that were decoded one after another', () => {
    const encoded = (value: unknown) => json().encode(value)
    const measure = (value: unknown) => json().decodedBytes?.(value, encoded(value))
    const codec = json()
    const [large, small] = ['x'.repeat(1000), 'x']
    const first = codec.decode(encoded({ large }))
    const second = codec.decode(encoded({ small }))
    expect(codec.decodedBytes?.(first, encoded({ large }))).toBe(measure({ large }))
    expect(codec.decodedBytes?.(second, encoded({ small }))).toBe(measure({ small }))
    expect(measure({ large })).toBeGreaterThan(1000)
  })
})

describe('text', () => {
  it('counts two bytes of memory for each character', () => {
    expect(text().decodedBytes?.('grün', text().encode('grün'))).toBe(8)
  })

  it('gives back any well-formed string, byte order mark included', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const codec = text()
        expect(codec.decode(codec.encode(value))).toBe(value)
      }),
    )
    expect(text().decode(text().encode('\uFEFFTom'))).toBe('\uFEFFTom')
  })

  it('refuses a lone surrogate, which has no form in UTF-8', () => {
    expect(() => text().encode('a\ud800')).toThrow(/lone surrogate/)
  })

  it('refuses what is not a string', () => {
    expect(() => text().encode(630 as never)).toThrow('the text codec takes a string, got 630')
  })

  it('refuses bytes that are not UTF-8', () => {
    expect(() => text().decode(new Uint8Array([0xff]))).toThrow(TypeError)
  })
})

describe('bytes', () => {
  it('takes a view or an array of bytes, and gives a view', () => {
    const codec = bytes()
    expect(codec.decode(codec.encode(ByteView.from('abc'))).toString()).toBe('abc')
    expect(codec.decode(codec.encode(new TextEncoder().encode('abc') as never)).toString()).toBe('abc')
  })

  it('copies, so that later writes of the caller change nothing', () => {
    const source = new Uint8Array([1, 2, 3])
    const encoded = bytes().encode(source as never)
    source.fill(0)
    expect([...encoded]).toEqual([1, 2, 3])
  })

  it('takes a view made by another copy of this package', () => {
    const foreign = { toUint8Array: () => new Uint8Array([1]) }
    expect([...bytes().encode(foreign as never)]).toEqual([1])
  })

  it('refuses anything else', () => {
    expect(() => bytes().encode('abc' as never)).toThrow(
      'the bytes codec takes a ByteView or Uint8Array, got "abc"',
    )
    expect(() => bytes().encode(null as never)).toThrow('got null')
  })
})

describe('what a codec of one’s own does wrong', () => {
  type Own = Partial<Codec<unknown>>
  const options = (own: Own): GroupOptions<unknown> => ({
    name: 'scores',
    maxBytes: 2 ** 20,
    getter: () => 'value',
    codec: { encode: () => new Uint8Array(8), decode: () => 'value', ...own },
  })

  it.each<[string, Own, string]>([
    [
      'encode gives a promise',
      { encode: (async () => new Uint8Array()) as never },
      'encode must return a Uint8Array, got a promise',
    ],
    [
      'encode gives a promise that is rejected',
      { encode: (() => Promise.reject(new Error('no'))) as never },
      'encode must return a Uint8Array, got a promise',
    ],
    ['decode gives a promise', { decode: async () => 'value' }, 'decode must return a value, got a promise'],
    [
      'decode gives a promise that is rejected',
      { decode: () => Promise.reject(new Error('no')) },
      'decode must return a value, got a promise',
    ],
    ['encode gives a string', { encode: (() => 'x') as never }, 'encode must return a Uint8Array, got "x"'],
    ...[Number.NaN, -1, 1.5, Number.POSITIVE_INFINITY, '8'].map((bytes): [string, Own, string] => [
      `decodedBytes gives ${bytes}`,
      { decodedBytes: () => bytes as number },
      `decodedBytes must return a whole number from 0 up, got ${JSON.stringify(bytes) === 'null' ? bytes : JSON.stringify(bytes)}`,
    ]),
  ])('is codec-failed, and nothing is kept, when %s', async (_, own, message) => {
    const group = new Group(options(own))
    await expect(group.get('Tom')).rejects.toMatchObject({
      code: 'codec-failed',
      message: expect.stringContaining(message),
    })
    expect(group.cacheStats('main').items).toBe(0)
    await expect(group.set('Tom', 'value')).rejects.toMatchObject({ code: 'codec-failed' })
    // A rejection that nobody handled would be reported in a later turn, and fail this test run.
    await new Promise((resolve) => setTimeout(resolve))
  })

  it('does not reach decode: it gets a plain Uint8Array of its own, whatever encode gave', async () => {
    const seen: Uint8Array[] = []
    const decode = (bytes: Uint8Array) => {
      seen.push(bytes)
      return 'value'
    }
    const shared = new Uint8Array(new SharedArrayBuffer(3))
    class Sub extends Uint8Array {}
    const given = [new Sub([1, 2, 3]), new Sub([1, 2, 3, 4]).subarray(1), shared]
    for (const bytes of given) {
      await new Group(options({ decode, encode: () => bytes })).get('Tom')
    }
    expect(seen.map((bytes) => Object.getPrototypeOf(bytes) === Uint8Array.prototype)).toEqual([
      true,
      true,
      true,
    ])
    expect(seen.map((bytes) => [...bytes])).toEqual(given.map((bytes) => [...bytes]))
    expect(seen.map((bytes) => bytes.buffer.byteLength)).toEqual([3, 3, 3])
    expect(seen[2]?.buffer).not.toBe(shared.buffer)
  })
})
