import { bytes, type Codec, Group, json, text } from '@geecache/core'
import { MemoryNetwork } from '@geecache/core/testing'
import { describe, expect, it } from 'vitest'

// What caches of the Node ecosystem were found to get wrong, as probes that any of them could be put to: for a process on
// its own, and for a cluster where the key belongs to the process that is asked, or to another.

interface Score {
  readonly name: string
  points: number
}

type Getter = (key: string, context: { readonly signal: AbortSignal }) => Promise<unknown>

/** A getter whose loads end when told to, each with what the source held when it began. */
function source() {
  const world = { value: 'old' as unknown, loads: 0, signals: [] as AbortSignal[] }
  const ends: (() => void)[] = []
  const getter: Getter = (_, { signal }) => {
    const { value } = world
    world.loads++
    world.signals.push(signal)
    return new Promise((resolve) => ends.push(() => resolve(value)))
  }
  /** Ends the load of that number, from 0, once it has begun; all of them if none is given. */
  const end = async (load?: number) => {
    for (let i = 0; i < 50; i++) await Promise.resolve()
    for (const [i, one] of ends.entries()) if (load === undefined || load === i) one()
  }
  return { world, getter, end }
}

/** Where a probe asks, and where it changes things. */
const places: Record<
  string,
  (getter: Getter, codec?: Codec<unknown>) => { ask: Group<unknown>; tell: Group<unknown> }
> = {
  'in one process': (getter, codec) => {
    const group = newGroup(getter, codec)
    return { ask: group, tell: group }
  },
  'at the owner, changed by another': (getter, codec) => {
    const [owner, other] = newCluster(getter, codec)
    return { ask: owner, tell: other }
  },
  'at another, changed by the owner': (getter, codec) => {
    const [owner, other] = newCluster(getter, codec)
    return { ask: other, tell: owner }
  },
  'at another, changed by a third': (getter, codec) => {
    const [, other, third] = newCluster(getter, codec)
    return { ask: other, tell: third }
  },
}

function newGroup(getter: Getter, codec: Codec<unknown> = json()): Group<unknown> {
  return new Group<unknown>({ name: 'probed', maxBytes: 2 ** 20, codec, getter })
}

function newCluster(
  getter: Getter,
  codec?: Codec<unknown>,
): [Group<unknown>, Group<unknown>, Group<unknown>] {
  const network = new MemoryNetwork({ ownerOf: () => 'owner' })
  const join = (name: string) => {
    const group = newGroup(getter, codec)
    network.join(name, group)
    return group
  }
  return [join('owner'), join('other'), join('third')]
}

describe.each(Object.entries(places))('%s', (_, place) => {
  it('100 gets at once are one load', async () => {
    const { world, getter, end } = source()
    const { ask } = place(getter)
    const gets = Promise.all(Array.from({ length: 100 }, () => ask.get('key')))
    await end()
    expect(new Set(await gets)).toEqual(new Set(['old']))
    expect(world.loads).toBe(1)
  })

  describe.each(['remove', 'removeMany', 'clear'] as const)('a %s during a load', (how) => {
    const change = (group: Group<unknown>) =>
      how === 'remove'
        ? group.remove('key')
        : how === 'removeMany'
          ? group.removeMany(['key'])
          : group.clear()

    it('is not undone by it: a later get sees the new value; who waited gets his answer', async () => {
      const { world, getter, end } = source()
      const { ask, tell } = place(getter)
      const before = ask.get('key')
      await end(-1)
      world.value = 'new'
      await change(tell)
      await end(0)
      expect(await before).toBe('old')
      const after = ask.get('key')
      await end()
      expect(await after).toBe('new')
    })

    it('keeps a reader that comes right after it from joining the load', async () => {
      const { world, getter, end } = source()
      const { ask, tell } = place(getter)
      const before = ask.get('key')
      await end(-1)
      world.value = 'new'
      await change(tell)
      const after = ask.get('key')
      await end()
      expect([await before, await after]).toEqual(['old', 'new'])
      expect(world.loads).toBe(2)
    })

    it('does not cost the load that came after it its place: there is no third', async () => {
      const { world, getter, end } = source()
      const { ask, tell } = place(getter)
      const first = ask.get('key')
      await end(-1)
      await change(tell)
      const second = ask.get('key')
      await end(0)
      await first
      const third = ask.get('key')
      await end()
      await Promise.all([second, third])
      expect(world.loads).toBe(2)
    })
  })

  it('a set during a load is not undone by it, and is what a reader right after it sees', async () => {
    const { getter, end } = source()
    const { ask, tell } = place(getter)
    const before = ask.get('key')
    await end(-1)
    await tell.set('key', 'new')
    expect(await ask.get('key')).toBe('new')
    await end()
    expect(await before).toBe('old')
    expect(await ask.get('key')).toBe('new')
  })

  it('nobody corrupts the cache by changing what a get returned, or what a getter did', async () => {
    const own: Score = { name: 'Tom', points: 630 }
    const { ask } = place(async () => own)
    const first = (await ask.get('key')) as Score
    expect(() => {
      first.points = 0
    }).toThrow(TypeError)
    own.points = 1
    await ask.get('key')
    expect(await ask.get('key')).toEqual({ name: 'Tom', points: 630 })
  })

  it('nobody corrupts bytes either', async () => {
    const own = new Uint8Array([6, 3, 0])
    const { ask } = place(async () => own, bytes() as Codec<unknown>)
    const first = (await ask.get('key')) as Iterable<number> & { toUint8Array(): Uint8Array }
    first.toUint8Array().fill(9)
    own.fill(9)
    expect([...first]).toEqual([6, 3, 0])
  })

  it.each([[new Error('down')], [undefined], [null], ['down']])(
    'a getter that throws %s rejects every get, and the next one calls it again',
    async (thrown) => {
      let calls = 0
      const { ask } = place(async () => {
        if (++calls === 1) throw thrown
        return 'up again'
      })
      const gets = await Promise.allSettled([ask.get('key'), ask.get('key')])
      expect(gets).toMatchObject([{ reason: { code: 'load-failed' } }, { reason: { code: 'load-failed' } }])
      expect(await ask.get('key')).toBe('up again')
      expect(calls).toBe(2)
    },
  )

  it('the first caller’s abort rejects nobody else', async () => {
    const { world, getter, end } = source()
    const { ask } = place(getter)
    const [first, second] = [new AbortController(), new AbortController()]
    const gets = [
      ask.get('key', { signal: first.signal }),
      ask.get('key', { signal: second.signal }),
      ask.get('key'),
    ]
    await end(-1)
    first.abort(new Error('left'))
    await expect(gets[0]).rejects.toThrow('left')
    await end()
    expect(await Promise.all(gets.slice(1))).toEqual(['old', 'old'])
    expect(world.loads).toBe(1)
  })

  it('a caller who joins is rejected by his own signal, at once', async () => {
    const { getter, end } = source()
    const { ask } = place(getter)
    const first = ask.get('key')
    const second = new AbortController()
    const joined = ask.get('key', { signal: second.signal })
    await end(-1)
    second.abort(new Error('left'))
    await expect(joined).rejects.toThrow('left')
    await end()
    expect(await first).toBe('old')
  })

  it('the load ends when nobody waits for it any more', async () => {
    const { world, getter, end } = source()
    const { ask } = place(getter)
    const callers = [new AbortController(), new AbortController()]
    const gets = callers.map(({ signal }) => ask.get('key', { signal }))
    const outcomes = Promise.allSettled(gets)
    await end(-1)
    for (const caller of callers) caller.abort(new Error('left'))
    await outcomes
    for (let i = 0; i < 50; i++) await Promise.resolve()
    expect(world.signals.map(({ aborted }) => aborted)).toEqual([true])
  })

  it.each([
    [{ value: 1 }],
    [{ ttlMs: 5 }],
    [{ bytes: 'x', expire: 1 }],
    [{ error: 'no' }],
    [{ absence: true }],
  ])('a value is a value, whatever its properties are called: %j', async (value) => {
    const { ask } = place(async () => value)
    await ask.get('key')
    expect(await ask.get('key')).toEqual(value)
  })

  it.each([[null], [false], [0], ['']])('%j is cached as any other value', async (value) => {
    let calls = 0
    const { ask, tell } = place(async () => {
      calls++
      return value
    })
    for (const group of [ask, tell, ask]) expect(await group.get('key')).toBe(value)
    expect(calls).toBe(1)
  })
})

describe('a cluster', () => {
  it('loads a key once, however many ask in however many processes', async () => {
    let loads = 0
    const network = new MemoryNetwork()
    const groups = Array.from({ length: 10 }, (_, i) => {
      const getter = async () => `load ${++loads}`
      const group = new Group<string>({ name: 'probed', maxBytes: 2 ** 20, codec: text(), getter })
      network.join(`${i}`, group)
      return group
    })
    const gets = groups.flatMap((group) => Array.from({ length: 100 }, () => group.get('key')))
    expect(new Set(await Promise.all(gets))).toEqual(new Set(['load 1']))
    expect(loads).toBe(1)
  })
})

describe('two groups', () => {
  it('share nothing, not even with one name', async () => {
    const of = (value: string) => newGroup(async () => value)
    const [one, two] = [of('one'), of('two')]
    expect(await Promise.all([one.get('key'), two.get('key')])).toEqual(['one', 'two'])
  })
})
