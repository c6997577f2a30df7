/** The program of a peer that owns keys: the client asks it for them. */
import { Group, text } from '@geecache/core'
import { HTTPPool } from '@geecache/http'
import { textOf } from '../task.ts'

const [self, valueBytes] = process.argv.slice(2) as [string, string]
const value = textOf({ valueBytes: Number(valueBytes) })
const group = new Group<string>({ name: 'bench', maxBytes: 8 * 2 ** 30, codec: text(), getter: () => value })
const pool = new HTTPPool(self).register(group)
void pool.listen().then(() => process.send?.('ready'))
