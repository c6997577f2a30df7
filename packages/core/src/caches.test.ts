import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Caches, type CachesOptions } from './caches.ts'
import { Entry, type Source } from './entry.ts'

const forever = Number.POSITIVE_INFINITY

function entry(size: number, from: Source = 'origin'): Entry<number> {
  const [bytes, absence] = [new Uint8Array(), undefined]
  return new Entry({ bytes, value: size, absence, from, freshUntilMs: forever, size })
}

function caches(options: Partial<CachesOptions> = {}): Caches<number> {
  return new Caches({ maxBytes: 100, hotShare: 1 / 8, now: () => 0, onHotExpired: () => {}, ...options })
}

describe('Caches', () => {
  it('never holds more than its budget, whatever is kept where', () => {
    const keep = fc.record({
      which: fc.constantFrom('main', 'hot'),
      key: fc.nat(9),
      size: fc.integer({ min: 1, max: 150 }),
    })
    fc.assert(
      fc.property(
        fc.array(keep, { maxLength: 60 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (keeps, share) => {
          const both = caches({ hotShare: share })
          for (const { which, key, size } of keeps) {
            if (which === 'main') both.keepMain(`${key}`, entry(size), forever)
            else both.keepHot(`${key}`, entry(size), forever)
            expect(both.stats('main').bytes + both.stats('hot').bytes).toBeLessThanOrEqual(100)
          }
        },
      ),
    )
  })

  it('lets the hotCache give way first, down to its share', () => {
    const both = caches({ maxBytes: 800 })
    for (let i = 0; i < 8; i++) both.keepHot(`hot-${i}`, entry(100), forever)
    expect(both.stats('hot').items).toBe(8)
    for (let i = 0; i < 8; i++) both.keepMain(`main-${i}`, entry(100), forever)
    expect([both.stats('main').items, both.stats('hot').items]).toEqual([7, 1])
    expect([both.stats('main').evictions, both.stats('hot').evictions]).toEqual([1, 7])
  })

  it('does not empty mainCache for the sake of hot copies', () => {
    const both = caches()
    both.keepHot('hot', entry(12), forever)
    both.keepMain('main', entry(95), forever)
    expect([both.peek('main')?.size, both.peek('hot')]).toEqual([95, undefined])
  })

  it('keeps no value larger than the budget, and drops nobody for it', () => {
    const both = caches()
    both.keepMain('small', entry(60), forever)
    both.keepMain('large', entry(101), forever)
    expect([both.peek('small')?.size, both.peek('large')]).toEqual([60, undefined])
    expect(both.stats('main').evictions).toBe(0)
  })

  it('keeps no copy larger than the share when room is short, and drops no other copy for it', () => {
    const both = caches({ maxBytes: 1000 })
    both.keepMain('main', entry(800), forever)
    both.keepHot('copy', entry(50), forever)
    both.keepHot('large', entry(200), forever)
    expect([both.peek('copy')?.size, both.peek('large')]).toEqual([50, undefined])
  })

  it('fills the budget to the last byte', () => {
    const both = caches()
    both.keepMain('all of it', entry(100), forever)
    expect(both.stats('main')).toMatchObject({ bytes: 100, evictions: 0 })
    both.keepMain('most', entry(60), forever)
    // More than the share, but nobody else needs the room.
    both.keepHot('the rest', entry(40), forever)
    expect([both.stats('main').bytes, both.stats('hot').bytes]).toEqual([60, 40])
  })

  it('makes room for a new copy among the copies, as soon as they would exceed their share', () => {
    const both = caches()
    for (let i = 0; i < 9; i++) both.keepMain(`${i}`, entry(10), forever)
    both.keepHot('old', entry(10), forever)
    both.keepHot('new', entry(10), forever)
    expect([both.stats('main').items, both.peek('old'), both.peek('new')?.size]).toEqual([9, undefined, 10])
  })

  it('drives nobody out for what takes the place of something as large', () => {
    const both = caches()
    both.keepHot('hot', entry(30), forever)
    for (let i = 0; i < 3; i++) both.keepMain('main', entry(60), forever)
    expect([both.stats('hot').items, both.stats('hot').evictions]).toEqual([1, 0])
  })

  it('keeps what it was given last', () => {
    const both = caches()
    for (let i = 0; i < 100; i++) {
      both.keepMain(`main-${i}`, entry(1 + (i % 40)), forever)
      expect(both.peek(`main-${i}`)?.size).toBe(1 + (i % 40))
    }
  })

  it('has a key in one of the two only', () => {
    const both = caches({ hotShare: 1 })
    both.keepHot('key', entry(10), forever)
    both.keepMain('key', entry(10), forever)
    expect([both.stats('main').items, both.stats('hot').items]).toEqual([1, 0])
    both.keepHot('key', entry(10), forever)
    expect([both.stats('main').items, both.stats('hot').items]).toEqual([0, 1])
  })

  it('keeps no hot copies with a share of 0', () => {
    const both = caches({ hotShare: 0 })
    both.keepHot('key', entry(10), forever)
    expect(both.peek('key')).toBeUndefined()
  })

  it('lets entries expire by the clock it was given', () => {
    let time = 0
    const both = caches({ hotShare: 1, now: () => time })
    both.keepMain('main', entry(10), 20)
    both.keepHot('hot', entry(10), 10)
    time = 15
    expect([both.get('main')?.size, both.get('hot')]).toEqual([10, undefined])
    time = 25
    expect(both.get('main')).toBeUndefined()
  })

  it('counts gets and hits of each, and does not count peeks', () => {
    const both = caches()
    both.keepMain('main', entry(10), forever)
    both.keepHot('hot', entry(10), forever)
    for (const key of ['main', 'main', 'hot', 'none']) both.get(key)
    for (const key of ['main', 'hot', 'none']) both.peek(key)
    expect(both.stats('main')).toEqual({ bytes: 10, items: 1, gets: 4, hits: 2, evictions: 0 })
    expect(both.stats('hot')).toEqual({ bytes: 10, items: 1, gets: 2, hits: 1, evictions: 0 })
  })

  it.each(['main', 'hot'] as const)('counts on when %s is cleared', (which) => {
    const both = caches({ hotShare: 1 })
    for (const key of ['a', 'b']) {
      if (which === 'main') both.keepMain(key, entry(60), forever)
      else both.keepHot(key, entry(60), forever)
    }
    for (const key of ['a', 'b', 'none']) both.get(key)
    const before = both.stats(which)
    expect(before.evictions).toBe(1)
    both.clear()
    expect(both.stats(which)).toEqual({ ...before, bytes: 0, items: 0 })
    expect([both.peek('a'), both.peek('b')]).toEqual([undefined, undefined])
  })

  it('keeps through a scan what is its own and was asked for again', () => {
    const both = caches()
    for (const key of ['a', 'b', 'c']) both.keepMain(key, entry(10), forever)
    for (let i = 0; i < 50; i++) {
      for (const key of ['a', 'b', 'c']) both.get(key)
      both.keepMain(`scanned ${i}`, entry(10), forever)
    }
    expect(['a', 'b', 'c'].map((key) => both.peek(key)?.size)).toEqual([10, 10, 10])
  })

  it('lets go of the copy first that was not asked for for longest', () => {
    const both = caches({ hotShare: 1 })
    for (let i = 0; i < 10; i++) both.keepHot(`${i}`, entry(10), forever)
    for (let i = 9; i >= 0; i--) both.get(`${i}`)
    for (const key of ['x', 'y', 'z']) both.keepHot(key, entry(10), forever)
    expect(['9', '8', '7', '6', '0', 'x'].map((key) => both.peek(key)?.size)).toEqual([
      undefined,
      undefined,
      undefined,
      10,
      10,
      10,
    ])
  })

  it('drops what came from peers at once, and its own with it only while that may be among it', () => {
    const both = caches()
    const keepAll = () => {
      both.keepMain('own', entry(10), forever)
      both.keepHot('copy', entry(10, 'peer'), forever)
    }
    const left = () => ['own', 'copy', 'handed over'].filter((key) => both.peek(key) !== undefined)
    keepAll()
    both.clearFetched()
    expect(left()).toEqual(['own'])
    both.keepMain('handed over', entry(10, 'previous owner'), forever)
    both.clearFetched()
    expect(left()).toEqual([])
    keepAll()
    both.clearFetched()
    expect(left()).toEqual(['own'])
  })

  it('counts as evicted what had to go for the sake of room, and not what was over', () => {
    let time = 0
    const both = caches({ now: () => time })
    both.keepMain('over', entry(60), 10)
    time = 10
    both.keepMain('next', entry(60), forever)
    expect(both.stats('main')).toMatchObject({ items: 1, evictions: 0 })
    both.keepMain('last', entry(60), forever)
    expect(both.stats('main')).toMatchObject({ items: 1, evictions: 1 })
  })

  it('drops one key’s value if it came from a peer, and not otherwise', () => {
    const both = caches()
    both.keepMain('own', entry(10), forever)
    both.keepMain('handed over', entry(10, 'previous owner'), forever)
    both.keepHot('guest', entry(5), forever)
    both.keepHot('copy', entry(5, 'peer'), forever)
    const keys = ['own', 'handed over', 'guest', 'copy', 'unknown']
    for (const key of keys) both.deleteFetched(key)
    expect(keys.filter((key) => both.peek(key) !== undefined)).toEqual(['own', 'guest'])
  })

  it('tells what was loaded here from copies, wherever they are, and counts no get of a copy in hotCache', () => {
    const both = caches({ maxBytes: 800 })
    both.keepMain('own', entry(10), forever)
    both.keepMain('handed over', entry(10, 'previous owner'), forever)
    both.keepMain('copy in main', entry(10, 'peer'), forever)
    both.keepHot('guest', entry(10), forever)
    both.keepHot('copy', entry(10, 'peer'), forever)
    const keys = ['own', 'handed over', 'copy in main', 'guest', 'copy', 'unknown']
    expect(keys.filter((key) => both.getOwn(key) !== undefined)).toEqual(['own', 'handed over', 'guest'])
    expect(both.stats('hot')).toMatchObject({ gets: 1, hits: 1 })
  })

  it('says how often a hot copy was asked for when its life is over, and not when it is dropped', () => {
    const clock = { time: 0 }
    const expired: [string, number][] = []
    const both = caches({ hotShare: 1, now: () => clock.time, onHotExpired: (...args) => expired.push(args) })
    for (const key of ['expires', 'dropped', 'cleared']) both.keepHot(key, entry(10), 10)
    const copy = both.get('expires') as Entry<number>
    copy.hits = 3
    both.delete('dropped')
    clock.time = 10
    both.get('expires')
    both.clearFetched()
    expect(expired).toEqual([['expires', 3]])
  })
})
