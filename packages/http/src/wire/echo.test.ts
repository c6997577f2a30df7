import { expect, it } from 'vitest'
import { echoOf } from './echo.ts'

it('an echo tells groups and keys apart, wherever one ends and the other begins', () => {
  const asked = [
    ['g', 'k'],
    ['gk', ''],
    ['', 'gk'],
    ['g', 'kk'],
    ['k', 'g'],
    ['g', '.'],
    ['g', '..'],
    ['g', 'ä'],
    ['g', 'a\u0308'],
  ] as const
  expect(new Set(asked.map(([group, key]) => echoOf(group, key))).size).toBe(asked.length)
})

it('an echo is the same in every process, and safe in a header', () => {
  expect(echoOf('scores', 'Tom')).toBe(echoOf('scores', 'Tom'))
  expect(echoOf('scores', 'Tom')).toBe('9e6748c7')
  expect(echoOf('scores', '\r\nset-cookie: x')).toMatch(/^[0-9a-f]{1,8}$/)
})
