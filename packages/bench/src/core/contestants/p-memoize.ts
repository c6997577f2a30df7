import pMemoize from 'p-memoize'
import type { MakeCache } from './read-through.ts'

export const make: MakeCache = (load) => ({ get: pMemoize(load) })
