import { expect, test } from 'vitest'
import { murmur3 } from './hash/murmur3.ts'
import { HashRing } from './hash-ring.ts'
import { goRing } from './presets.ts'

const abc = ['http://a:1', 'http://b:1', 'http://c:1']

test('an empty ring owns nothing', () => {
  const ring = new HashRing()
  expect(ring.get('Tom')).toBeUndefined()
  expect(ring.getN('Tom', 2)).toEqual([])
  expect(ring.pick('Tom', () => true)).toBeUndefined()
  expect(ring.nodes()).toEqual([])
  expect(ring.shares()).toEqual(new Map())
  expect(ring.size).toBe(0)
  expect(ring.has('http://a:1')).toBe(false)
})

test('a node alone owns every key, the empty one too', () => {
  const ring = new HashRing().add('only')
  for (const key of ['', 'Tom', '日本', '\ud800', 'x'.repeat(10_000)]) expect(ring.get(key)).toBe('only')
  expect(ring.shares()).toEqual(new Map([['only', 1]]))
})

test('add and remove chain, and show at the next look-up', () => {
  const ring = new HashRing().add('a').add('b', 'c')
  expect(ring.nodes()).toEqual(['a', 'b', 'c'])
  expect([ring.size, ring.has('b')]).toEqual([3, true])
  expect(ring.getN('Tom', 3).sort()).toEqual(['a', 'b', 'c'])
  expect(ring.remove('a', 'c')).toBe(ring)
  expect([ring.size, ring.has('a'), ring.get('Tom')]).toEqual([1, false, 'b'])
  ring.remove('b')
  expect(ring.get('Tom')).toBeUndefined()
})

test('adding a node twice and removing an unknown one change nothing', () => {
  const once = new HashRing().add(...abc)
  const twice = new HashRing()
    .add(...abc, ...abc)
    .add('http://a:1')
    .remove('http://d:1', '')
  expect(twice.size).toBe(3)
  expect(twice.shares()).toEqual(once.shares())
})

test('adding a node again with another weight sets its weight', () => {
  const ring = new HashRing().add('a', 'b', { name: 'a', weight: 3 })
  expect(ring.fairShare('a')).toBe(0.75)
  expect(ring.add('a').shares()).toEqual(new HashRing().add('a', 'b').shares())
  expect(ring.fairShare('a')).toBe(0.5)
})

test('a node of weight 0 is on the ring and owns nothing', () => {
  const ring = new HashRing().add('a', { name: 'drained', weight: 0 })
  expect([ring.size, ring.has('drained'), ring.nodes()]).toEqual([2, true, ['a', 'drained']])
  expect(ring.getN('Tom', 2)).toEqual(['a'])
  expect(ring.shares()).toEqual(new Map(Object.entries({ a: 1, drained: 0 })))
  expect(new HashRing().add({ name: 'drained', weight: 0 }).get('Tom')).toBeUndefined()
})

test('a node of the smallest weight has one point', () => {
  const ring = new HashRing().add('a', { name: 'b', weight: Number.MIN_VALUE })
  expect(ring.fairShare('b')).toBe(1 / 2049)
  expect(ring.shares().get('b')).toBeGreaterThan(0)
})

test('weight x replicas is rounded to the nearest number of points', () => {
  const ring = new HashRing({ replicas: 10 }).add(
    'a',
    { name: 'b', weight: 0.14 },
    { name: 'c', weight: 0.16 },
  )
  expect(['a', 'b', 'c'].map((name) => ring.fairShare(name))).toEqual([10 / 13, 1 / 13, 2 / 13])
})

test('fairShare is 0 for a node that is not there', () => {
  expect(new HashRing().fairShare('a')).toBe(0)
  expect(new HashRing().add('a').fairShare('b')).toBe(0)
})

test('what a removed node was meant to own is left to the others; an unknown one leaves nothing', () => {
  const ring = new HashRing().add('a', { name: 'b', weight: 3 })
  expect(ring.remove('unknown').fairShare('a')).toBe(0.25)
  expect(ring.remove('b').fairShare('a')).toBe(1)
})

test('a ring is built at the first look-up after a change, and not otherwise', () => {
  let hashed = 0
  const hash = (text: string) => {
    hashed++
    return murmur3(text)
  }
  const ring = new HashRing({ hash, replicas: 10 }).add('a').add('b')
  const hashedBy = (work: () => unknown) => {
    hashed = 0
    work()
    return hashed
  }
  expect(hashedBy(() => ring.get('Tom'))).toBe(21)
  expect(hashedBy(() => ring.get('Tom'))).toBe(1)
  expect(hashedBy(() => ring.remove('unknown').get('Tom'))).toBe(1)
  expect(hashedBy(() => ring.shares())).toBe(0)
  expect(hashedBy(() => ring.remove('a').shares())).toBe(10)
  expect(hashedBy(() => ring.get('Tom'))).toBe(1)
})

test.each([
  [{ name: 'b', weight: -1 }, 'weight must be a finite number from 0 on, got -1'],
  [{ name: 'b', weight: Number.NaN }, 'weight must be a finite number from 0 on, got NaN'],
  [{ name: 'b', weight: Infinity }, 'weight must be a finite number from 0 on, got Infinity'],
  [{ name: 'b', weight: '2' }, 'weight must be a finite number from 0 on, got "2"'],
  [{ name: 'b', weight: null }, 'weight must be a finite number from 0 on, got null'],
  [{ name: 'b', weight: 1e9 }, 'nodes x weight x replicas must be at most 536870912, got 2048000004096'],
  ['', 'name must be a non-empty string, got ""'],
  [7, 'name must be a non-empty string, got undefined'],
  [{ name: 7 }, 'name must be a non-empty string, got 7'],
  [{}, 'name must be a non-empty string, got undefined'],
])('a node that is not valid is refused, and nothing is added: %j', (node, message) => {
  const ring = new HashRing().add('a')
  expect(() => ring.add('new', node as string)).toThrow(message)
  expect(ring.nodes()).toEqual(['a'])
  expect(ring.fairShare('a')).toBe(1)
})

test('a key that is not a string is refused, on an empty ring too', () => {
  for (const ring of [new HashRing(), new HashRing().add('a')]) {
    expect(() => ring.get(42 as unknown as string)).toThrow(new TypeError('key must be a string, got 42'))
    expect(() => ring.getN(undefined as unknown as string, 1)).toThrow(TypeError)
    expect(() => ring.pick(null as unknown as string, () => true)).toThrow(TypeError)
  }
})

test.each([-1, 1.5, Number.NaN, Infinity])('getN refuses n = %d', (n) => {
  expect(() => new HashRing().add('a').getN('Tom', n)).toThrow(
    new RangeError(`n must be an integer from 0 on, got ${n}`),
  )
})

test('getN gives all nodes when asked for more, and none when asked for none', () => {
  const ring = new HashRing().add(...abc)
  expect(ring.getN('Tom', 99).sort()).toEqual(abc)
  expect(ring.getN('Tom', 0)).toEqual([])
})

test('pick asks each node once, in ring order, until one is accepted', () => {
  const ring = new HashRing().add(...abc)
  const asked: string[] = []
  expect(ring.pick('Tom', (name) => asked.push(name) === 0)).toBeUndefined()
  expect(asked).toEqual(ring.getN('Tom', 3))
  expect(ring.pick('Tom', (name) => name === asked[2])).toBe(asked[2])
})

test('pick may change the ring from inside accept', () => {
  const ring = new HashRing().add(...abc)
  const asked: string[] = []
  ring.pick('Tom', (name) => {
    ring.remove(name)
    ring.get('Tom')
    asked.push(name)
    return false
  })
  expect(asked.sort()).toEqual(abc)
  expect(ring.size).toBe(0)
})

test('names that are properties of every object are names like others', () => {
  const odd = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
  const ring = new HashRing().add(...odd)
  expect(ring.getN('__proto__', 4).sort()).toEqual(odd.sort())
  expect(ring.remove('__proto__').has('__proto__')).toBe(false)
})

test("a ring with a hash of its own is the tutorial's: hash(index + name), first point not below", () => {
  const ring = new HashRing({ replicas: 3, hash: Number }).add('6', '4', '2')
  const owners = (...keys: string[]) => keys.map((key) => ring.get(key))
  expect(owners('2', '11', '23', '27')).toEqual(['2', '2', '4', '2'])
  expect(ring.getN('23', 3)).toEqual(['4', '6', '2'])
  ring.add('8')
  expect(owners('2', '11', '23', '27')).toEqual(['2', '2', '4', '8'])
  expect(ring.getN('11', 4)).toEqual(['2', '4', '6', '8'])
})

test('a hash that crowds all points together, or gives signed numbers, still makes a ring', () => {
  const crowded = new HashRing({ hash: (text) => murmur3(text) & 0xfff, replicas: 2000 }).add(...abc)
  for (const name of abc) expect(crowded.shares().has(name)).toBe(true)
  expect(crowded.getN('Tom', 3).sort()).toEqual(abc)
  const signed = new HashRing({ ...goRing, hash: (text) => goRing.hash!(text) | 0 }).add(...abc)
  expect(signed.shares()).toEqual(new HashRing(goRing).add(...abc).shares())
})

test('a hash that gives no number is refused when the ring is built', () => {
  const ring = new HashRing({ hash: () => Number.NaN }).add('a')
  expect(() => ring.get('Tom')).toThrow('hash must return an integer, got NaN')
})

test('where points collide the node with the greatest name wins, however they were added', () => {
  for (const nodes of [abc, abc.toReversed()]) {
    const ring = new HashRing({ replicas: 1, hash: (text) => (text.startsWith('0') ? 7 : 3) }).add(...nodes)
    expect(ring.getN('Tom', 3)).toEqual(abc.toReversed())
    expect(ring.shares().get('http://c:1')).toBe(1)
  }
})

test('names that hash alike, as lone surrogates do, make the same ring in any order', () => {
  const alike = ['\ud800', '\udbff', '\udfff']
  const ring = new HashRing().add(...alike)
  expect(ring.get('Tom')).toBe('\udfff')
  expect(new HashRing().add(...alike.toReversed()).shares()).toEqual(ring.shares())
})

test('100,000 nodes make a ring', { timeout: 60_000 }, () => {
  const nodes = Array.from({ length: 100_000 }, (_, i) => `node-${i}`)
  const slots = new HashRing({ replicas: 40 }).add(...nodes)
  expect([slots.size, slots.has(slots.get('Tom')!)]).toEqual([100_000, true])
  const points = new HashRing({ replicas: 10, hash: murmur3 })
  for (const node of nodes) points.add(node)
  expect(new Set(points.getN('Tom', 50)).size).toBe(50)
  expect([...points.shares().values()].filter((share) => share > 0)).toHaveLength(100_000)
})
