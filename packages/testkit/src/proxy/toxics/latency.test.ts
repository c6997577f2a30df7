import { expect, it } from 'vitest'
import { afflicted } from '../afflicted.ts'
import { latency } from './latency.ts'

it('holds up every chunk', async () => {
  const { send, time, out } = afflicted(latency(100))
  void send('a', 'b')
  await time.advance(99)
  expect(out).toEqual([])
  await time.advance(200)
  expect(out).toEqual([
    { at: 100, text: 'a' },
    { at: 200, text: 'b' },
  ])
})

it('varies within the jitter, the same way for the same seed', async () => {
  const waits = async (seed: number) => {
    const { send, time, out } = afflicted(latency(100, 20), seed)
    void send(...Array(50).fill('x'))
    await time.advance(1e5)
    return out.map(({ at }, i) => at - (out[i - 1]?.at ?? 0))
  }
  const first = await waits(1)
  expect(Math.min(...first)).toBeGreaterThanOrEqual(80)
  expect(Math.max(...first)).toBeLessThanOrEqual(120)
  expect(Math.max(...first) - Math.min(...first)).toBeGreaterThan(20)
  expect(await waits(1)).toEqual(first)
  expect(await waits(2)).not.toEqual(first)
})
