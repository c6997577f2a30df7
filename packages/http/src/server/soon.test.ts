import { expect, it } from 'vitest'
import { isPromise, whenReady } from './soon.ts'

it('goes on at once with what is there', () => {
  expect(whenReady({ is: 1 }, ({ is }) => ({ is: is + 1 }))).toEqual({ is: 2 })
})

it('waits for what is not', async () => {
  const later = whenReady(Promise.resolve({ is: 1 }), ({ is }) => ({ is: is + 1 }))
  expect(later).toBeInstanceOf(Promise)
  expect(await later).toEqual({ is: 2 })
})

it('knows promises of any class', async () => {
  const { Promise: own } = globalThis
  const soon = (async () => ({ is: 1 }))()
  try {
    // What async functions return is none of these.
    globalThis.Promise = class extends own<unknown> {} as typeof Promise
    expect(soon).not.toBeInstanceOf(Promise)
    expect(isPromise(soon)).toBe(true)
  } finally {
    globalThis.Promise = own
  }
})
