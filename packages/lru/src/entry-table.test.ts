import { expect, test, vi } from 'vitest'
import { EntryTable } from './entry-table.ts'
import { LRUCache } from './lru-cache.ts'

test('what was removed, and what was replaced, is left to the collector', async () => {
  const gc = await exposedGc()
  const table = new EntryTable<object, object>('lru', 9)
  const gone: WeakRef<object>[] = []
  // In a function of its own, so that nothing is left on the stack.
  const comeAndGo = (): void => {
    const [key, value, replaced] = [{}, {}, {}]
    gone.push(new WeakRef(key), new WeakRef(value), new WeakRef(replaced))
    const slot = table.add(key, replaced, 1)
    table.replace(slot, value, 1)
    table.remove(slot)
  }
  comeAndGo()
  // A WeakRef holds its target until the job that made it ends.
  await new Promise((resolve) => setTimeout(resolve))
  gc()
  expect(gone.map((ref) => ref.deref())).toEqual([undefined, undefined, undefined])
})

test('slots that were freed are used again before the table grows', () => {
  const table = new EntryTable<number, number>('lru', 100)
  const first = Array.from({ length: 50 }, (_, key) => table.add(key, key, 1))
  for (const slot of first) table.remove(slot)
  const second = Array.from({ length: 50 }, (_, key) => table.add(key, key, 1))
  expect(new Set(second)).toEqual(new Set(first))
})

test('a table that grew knows its entries, sizes and deadlines as before', () => {
  const table = new EntryTable<number, string>('sieve', 1000)
  const slots = Array.from({ length: 1000 }, (_, i) => {
    const slot = table.add(i, `${i}`, 2 ** 30 + i)
    table.expireAt(slot, i % 3 ? i : Infinity)
    return slot
  })
  for (const [i, slot] of slots.entries()) {
    expect(table.find(i)).toBe(slot)
    expect([table.keyAt(slot), table.valueAt(slot), table.sizeAt(slot)]).toEqual([i, `${i}`, 2 ** 30 + i])
    expect(table.deadlineAt(slot)).toBe(i % 3 ? i : Infinity)
  }
  expect(table.bytes).toBe(1000 * 2 ** 30 + (999 * 1000) / 2)
})

async function exposedGc(): Promise<() => void> {
  const v8: { setFlagsFromString(flags: string): void } = await import('node:v8' as string)
  const vm: { runInNewContext(code: string): () => void } = await import('node:vm' as string)
  v8.setFlagsFromString('--expose-gc')
  return vm.runInNewContext('gc')
}

test('a cache bounded by bytes alone evicts when its table holds as many entries as a Map can take', () => {
  // Filling 2^23 entries would take seconds, so all but the last two are pretended.
  const held = Object.getOwnPropertyDescriptor(EntryTable.prototype, 'size')!.get!
  const spy = vi.spyOn(EntryTable.prototype, 'size', 'get').mockImplementation(function (
    this: EntryTable<unknown, unknown>,
  ) {
    return held.call(this) + 2 ** 23 - 2
  })
  const cache = new LRUCache<string, number>({ maxBytes: 100, sizeOf: () => 1 })
  for (const key of ['a', 'b', 'c']) cache.set(key, 1)
  spy.mockRestore()
  expect([...cache.keys()]).toEqual(['c', 'b'])
})
