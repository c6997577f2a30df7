import { Group, text } from '@geecache/core'
import { HTTPPool, type HTTPPoolOptions } from '@geecache/http'
import { type Client, measureGets } from '../measure-gets.ts'
import { freePort, startModule } from '../servers/start.ts'
import { type Contestant, KEYS, keyOf, type Task } from '../task.ts'

/** Group.get, as an application calls it. */
export const gets: Contestant = async (task) => {
  const { group, keys } = await cluster(task, {})
  return measureGets({ keys, get: (key) => group.get(key) }, task)
}

/** The same with a request for each key. */
export const loneGets: Contestant = async (task) => {
  const { group, keys } = await cluster(task, { batch: false })
  return measureGets({ keys, get: (key) => group.get(key) }, task)
}

/** Group.getMany. */
export const getMany: Contestant = async (task) => {
  const { group, keys } = await cluster(task, {})
  const client: Client = { keys, getMany: (some) => group.getMany(some) }
  return measureGets({ ...client, getMany: async (some) => (await group.getMany(some)).map(valueIn) }, task)
}

function valueIn(result: PromiseSettledResult<string>): string {
  if (result.status === 'rejected') throw result.reason
  return result.value
}

/** This process, which keeps nothing, and a peer that owns the keys and has them in memory. */
async function cluster(task: Task, options: HTTPPoolOptions) {
  const [self, peer] = await Promise.all([freePort(), freePort()])
  const urls = [`http://127.0.0.1:${self}`, `http://127.0.0.1:${peer}`] as const
  await startModule(new URL('../servers/geecache.ts', import.meta.url), [urls[1], String(task.valueBytes)])
  const group = new Group<string>({
    name: 'bench',
    maxBytes: 2 ** 20,
    hot: { share: 0 },
    codec: text(),
    getter: (key) => {
      throw new Error(`the peer should have answered for ${key}`)
    },
  })
  const pool = new HTTPPool(urls[0], { timeoutMs: 30_000, ...options }).register(group)
  pool.set(...urls)
  const keys: string[] = []
  for (let i = 0; keys.length < KEYS; i++) if (pool.pickPeer(keyOf(i)) !== undefined) keys.push(keyOf(i))
  for (let i = 0; i < KEYS; i += 1000) await group.getMany(keys.slice(i, i + 1000))
  return { group, keys }
}
