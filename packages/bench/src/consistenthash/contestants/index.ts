import type { Contestant } from '../task.ts'
import type { MakeRing } from './ring.ts'

/** Each in a module of its own, loaded in the process that measures it. */
export const contestants: Readonly<Record<string, () => Promise<Contestant>>> = {
  geecache: inNode(async () => (await import('./geecache.ts')).balanced),
  'geecache, seeded': inNode(async () => (await import('./geecache.ts')).seeded),
  'geecache, goRing': inNode(async () => (await import('./geecache.ts')).likeGo),
  'Go, golang/groupcache': async () => (await import('./go.ts')).measure,
  'consistent-hash': inNode(async () => (await import('./consistent-hash.ts')).makeRing),
  'node-hashring': inNode(async () => (await import('./node-hashring.ts')).makeRing),
  ketama: inNode(async () => (await import('./ketama.ts')).makeRing),
  hashring: inNode(async () => (await import('./hashring.ts')).makeRing),
}

function inNode(load: () => Promise<MakeRing>): () => Promise<Contestant> {
  return async () => {
    const [makeRing, { measureRing }] = await Promise.all([load(), import('../measure-ring.ts')])
    return (task) => measureRing(makeRing, task)
  }
}
