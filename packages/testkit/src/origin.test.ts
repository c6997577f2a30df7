import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Origin, readValue, valueMadeBy } from './origin.ts'
import { turn } from './proxy/scheduler.ts'

let origin: Origin
let waiting: Origin

beforeEach(async () => {
  waiting = await Origin.start({ ready: () => new Promise(() => {}) })
  origin = await Origin.start({ sizeOf: (key) => (key === 'large' ? 10_000 : 0) })
})

afterEach(async () => {
  await origin[Symbol.asyncDispose]()
  await waiting[Symbol.asyncDispose]()
})

async function load(key: string): Promise<string> {
  return (await fetch(`${origin.url}/?${new URLSearchParams({ key, peer: 'me' })}`)).text()
}

describe('the origin', () => {
  it('says in every value which load of which version it is', async () => {
    expect(await load('Tom')).toBe('Tom, version 1, load 1.')
    expect(origin.write('Tom')).toBe(2)
    expect(await load('Tom')).toBe('Tom, version 2, load 2.')
    expect(await load('Jack, version 7')).toBe('Jack, version 7, version 1, load 3.')
    expect(origin.loads[1]).toEqual({ number: 2, key: 'Tom', version: 2, size: 0, peer: 'me' })
    expect(origin.loadsOf('Tom')).toBe(2)
  })

  it('can be down, and has no value for some keys', async () => {
    expect((await fetch(`${origin.url}/?key=absent-1&peer=me`)).status).toBe(404)
    origin.isDown = true
    expect((await fetch(`${origin.url}/?key=Tom&peer=me`)).status).toBe(503)
  })

  it('counts what runs, and who left', async () => {
    const leave = new AbortController()
    const { url, loads } = waiting
    const gets = ['Tom', 'Jack'].map((key) =>
      fetch(`${url}/?key=${key}&peer=me`, { signal: leave.signal }).catch(() => {}),
    )
    while (loads.length < 2) await turn()
    expect([waiting.running, waiting.peak, waiting.abandoned]).toEqual([2, 2, 0])
    leave.abort()
    await Promise.all(gets)
    while (waiting.running > 0) await turn()
    expect([waiting.running, waiting.peak, waiting.abandoned]).toEqual([0, 2, 2])
  })
})

describe('readValue', () => {
  it('reads what a load produced, large or small', async () => {
    for (const key of ['Tom', 'large', 'a, version 1, load 2']) {
      const value = await load(key)
      expect(readValue(value)).toMatchObject({ key, version: 1, number: origin.loads.length })
    }
  })

  it('refuses anything else: cut, mixed, changed', () => {
    const whole = valueMadeBy({ key: 'k', version: 1, number: 12, size: 200 })
    const other = valueMadeBy({ key: 'k', version: 1, number: 13, size: 200 })
    for (let length = 0; length < whole.length; length++)
      expect(readValue(whole.slice(0, length))).toBe(undefined)
    expect(readValue(whole.slice(0, 100) + other.slice(100))).toBe(undefined)
    expect(readValue(`${whole}1`)).toBe(undefined)
    expect(readValue('error: no')).toBe(undefined)
  })
})
