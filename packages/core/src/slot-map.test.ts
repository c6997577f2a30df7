import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SlotMap } from './slot-map.ts'

describe('SlotMap', () => {
  it('holds what a Map holds, whatever is done to it', () => {
    const key = fc.constantFrom('a', 'b', 'c', '__proto__', '1')
    const step = fc.record({ key, value: fc.option(fc.nat(9), { nil: undefined }) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        const [map, model] = [new SlotMap<number>(), new Map<string, number>()]
        const slots = new Map<string, number>()
        for (const { key, value } of steps) {
          if (value === undefined) {
            map.delete(key)
            model.delete(key)
            slots.delete(key)
          } else {
            if (slots.has(key)) map.put(slots.get(key) as number, value)
            else slots.set(key, map.add(key, value))
            model.set(key, value)
            expect(map.at(slots.get(key) as number)).toBe(value)
          }
          expect(map.get(key)).toBe(model.get(key))
          expect(map.size).toBe(model.size)
          expect(map.values()).toEqual([...model.values()])
        }
      }),
    )
  })
})
