import { expect, it } from 'vitest'
import { seededRandom } from './proxy/random.ts'
import { Simulation } from './simulation.ts'

const keys = Array.from({ length: 500 }, (_, i) => `key-${i}`)

async function getAll(simulation: Simulation): Promise<void> {
  const random = seededRandom(1)
  for (const key of keys) expect(await simulation.get(key, random, 1)).toMatch(`${key}, load `)
}

it('loads each key once, whoever asks', async () => {
  const simulation = new Simulation(50)
  await getAll(simulation)
  await getAll(simulation)
  expect(simulation.totalLoads).toBe(keys.length)
})

it('loses what was in processes that leave, and hands over to those that come', async () => {
  const simulation = new Simulation(50)
  await getAll(simulation)
  const owners = keys.map((key) => simulation.ownerOf(key))
  simulation.leave(10, seededRandom(2))
  expect(simulation.size).toBe(40)
  const lost = keys.filter((key, i) => simulation.ownerOf(key) !== owners[i]).length
  expect(lost).toBeGreaterThan(50)
  await getAll(simulation)
  expect(simulation.totalLoads).toBe(keys.length + lost)
  simulation.join(10)
  await getAll(simulation)
  expect(simulation.totalLoads).toBe(keys.length + lost)
  expect(simulation.handovers).toBeGreaterThan(50)
})
