import { Group } from 'singleflight-js'
import type { Coalescer } from './coalescer.ts'

export function make(): Coalescer {
  const group = new Group()
  return {
    get: async (key, load) => (await group.do(key as string, load)).value,
    forget: (key) => group.forget(key as string),
  }
}
