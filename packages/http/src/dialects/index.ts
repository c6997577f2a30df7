import type { Dialect } from './dialect.ts'
import { geecache } from './geecache.ts'
import { groupcache } from './groupcache.ts'
import { mailgun } from './mailgun.ts'

/** The names of the families of peers. */
export type DialectName = 'geecache' | 'groupcache' | 'mailgun'

/** The families of peers, by the names that the option takes. */
export const dialects: Record<DialectName, Dialect> = { geecache, groupcache, mailgun }
