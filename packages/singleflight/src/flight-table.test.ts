import { describe, expect, it } from 'vitest'
import { Departures } from './departures.ts'
import { Flight } from './flight.ts'
import { FlightTable } from './flight-table.ts'

const newFlight = () => new Flight<number>(new AbortController(), 0, new Departures(), () => {})

describe('FlightTable', () => {
  it('keeps keys apart as a Map does, and uses places again', () => {
    const table = new FlightTable<unknown, number>()
    const [one, text, none] = [newFlight(), newFlight(), newFlight()]
    table.set(1, one)
    table.set('1', text)
    expect([table.get(1), table.get('1'), table.get(2), table.size]).toEqual([one, text, undefined, 2])
    expect([table.delete(1), table.delete(1)]).toEqual([true, false])
    expect([table.get(1), table.get('1'), table.size]).toEqual([undefined, text, 1])
    table.set(undefined, none)
    expect([table.get(undefined), table.get(1), table.get('1'), table.size]).toEqual([
      none,
      undefined,
      text,
      2,
    ])
  })

  it('has the latest flight of a key', () => {
    const table = new FlightTable<string, number>()
    const [old, latest] = [newFlight(), newFlight()]
    table.set('a', old)
    table.set('a', latest)
    expect([table.get('a'), table.size]).toEqual([latest, 1])
    table.delete('a')
    expect([table.get('a'), table.size]).toEqual([undefined, 0])
  })
})
