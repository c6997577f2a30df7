import { expect, test } from 'vitest'
import { bytes, utf8 } from './utf8.ts'

test('texts longer than any before, and shorter ones after them, are read whole and end in four zeros', () => {
  for (const length of [1, 300, 1000, 5000, 2, 0]) {
    for (const character of ['x', 'é', '日', '😀', '\ud800']) {
      const text = character.repeat(length)
      const count = utf8(text)
      expect(bytes.slice(0, count + 4)).toEqual(
        new Uint8Array([...new TextEncoder().encode(text), 0, 0, 0, 0]),
      )
    }
  }
})
