import fc from 'fast-check'

/** Texts of every UTF-8 width, with NUL and lone surrogates, of lengths around the blocks of every hash. */
export function anyText(): fc.Arbitrary<string> {
  const codePoint = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 0x7f }) },
    { weight: 1, arbitrary: fc.integer({ min: 0x80, max: 0x10ffff }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(0x80, 0x7ff, 0x800, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xffff, 0x10000),
    },
  )
  return fc.array(codePoint, { maxLength: 140 }).map((codes) => String.fromCodePoint(...codes))
}

/** The bytes that every hash of this package reads. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
