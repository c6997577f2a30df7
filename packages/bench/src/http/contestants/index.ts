import type { Contestant } from '../task.ts'

/** Each in a module of its own, loaded in the process that measures it. */
export const contestants: Readonly<Record<string, () => Promise<Contestant>>> = {
  'geecache, get': async () => (await import('./geecache.ts')).gets,
  'geecache, get, batch off': async () => (await import('./geecache.ts')).loneGets,
  'geecache, getMany': async () => (await import('./geecache.ts')).getMany,
  'Go, golang/groupcache': async () => (await import('./go.ts')).gets,
  'ioredis, get': async () => (await import('./ioredis.ts')).gets,
  'ioredis, get, auto-pipelining': async () => (await import('./ioredis.ts')).autoPipelined,
  'ioredis, mget': async () => (await import('./ioredis.ts')).mget,
  'undici, GET of a bare node:http': async () => (await import('./undici.ts')).gets,
  'memjs, get': async () => (await import('./memjs.ts')).gets,
}
