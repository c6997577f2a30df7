import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

/** The requests of a trace: each key as the number of its first appearance, from 0. */
export interface Trace {
  readonly requests: Uint32Array
  readonly distinct: number
}

/** Reads a file of one key a line, compressed if its name ends in `.gz`. Holds numbers, not the text. */
export async function readTrace(path: string): Promise<Trace> {
  const file = createReadStream(path)
  if (!path.endsWith('.gz')) return parseTrace(file)
  const text = createGunzip()
  file.on('error', (error) => text.destroy(error))
  return parseTrace(file.pipe(text))
}

/** Reads a trace from its text. Lines that are empty are no requests. */
export async function parseTrace(text: Readable): Promise<Trace> {
  const numbers = new Map<string, number>()
  let requests = new Uint32Array(1024)
  let count = 0
  for await (const line of createInterface({ input: text, crlfDelay: Infinity })) {
    const key = line.trim()
    if (key === '') continue
    const number = numbers.get(key) ?? numbers.size
    numbers.set(key, number)
    if (count === requests.length) {
      const larger = new Uint32Array(2 * count)
      larger.set(requests)
      requests = larger
    }
    requests[count++] = number
  }
  return { requests: requests.slice(0, count), distinct: numbers.size }
}
