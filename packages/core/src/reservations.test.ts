import { describe, expect, it } from 'vitest'
import { Reservations } from './reservations.ts'

describe('Reservations', () => {
  it('let a set bring its value once, if no other change has come between', () => {
    const reservations = new Reservations()
    reservations.make('key', 'first')
    expect(reservations.take('key', 'first')).toBe(true)
    expect(reservations.take('key', 'first')).toBe(false)
    reservations.make('key', 'first')
    reservations.make('other', 'second')
    reservations.cancel('key')
    expect([reservations.take('key', 'first'), reservations.take('other', 'second')]).toEqual([false, true])
  })

  it('go to the last of several sets', () => {
    const reservations = new Reservations()
    reservations.make('key', 'first')
    reservations.make('key', 'second')
    expect([reservations.take('key', 'first'), reservations.take('key', 'second')]).toEqual([false, true])
  })

  it('are all void when everything is dropped', () => {
    const reservations = new Reservations()
    reservations.make('key', 'first')
    reservations.cancelAll()
    expect([reservations.take('key', 'first'), reservations.size]).toEqual([false, 0])
  })

  it('are kept for the last ten thousand keys', () => {
    const reservations = new Reservations()
    for (let i = 0; i <= 10_000; i++) reservations.make(`${i}`, 'set')
    reservations.make('1', 'set')
    expect(reservations.size).toBe(10_000)
    expect([reservations.take('0', 'set'), reservations.take('1', 'set')]).toEqual([false, true])
    reservations.make('a', 'set')
    reservations.make('b', 'set')
    expect([reservations.take('2', 'set'), reservations.take('3', 'set')]).toEqual([false, true])
  })

  it('outlive those of other keys when they are made anew', () => {
    const reservations = new Reservations()
    for (let i = 0; i < 10_000; i++) reservations.make(`${i}`, 'set')
    reservations.make('0', 'later set')
    reservations.make('other', 'set')
    expect([reservations.take('0', 'later set'), reservations.take('1', 'set')]).toEqual([true, false])
  })
})
