// Prints the hit ratios of caches on traces given by path: files of one key a line, which may be compressed.
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { alignedTable, markdownTable } from '../harness/index.ts'
import { beladyHits } from './belady.ts'
import type { MakeCache } from './contestants/cache.ts'
import { contestants } from './contestants/index.ts'
import { readTrace, type Trace } from './trace.ts'

/** Cache sizes, as parts of a trace's distinct keys. */
const PARTS = [0.01, 0.05, 0.1, 0.25, 0.5]

const { values, positionals } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  options: { markdown: { type: 'boolean', default: false } },
  allowPositionals: true,
})
if (positionals.length === 0) {
  process.stderr.write('usage: lru:traces [--markdown] FILE...\n')
  process.exit(2)
}

// TTL and sizes change no hit ratio here, so each library takes part once.
const caches = Object.entries(contestants).filter(
  ([name]) => name === 'geecache sieve (size, ttl)' || !/ttl|Map,/.test(name),
)
const rows = [
  [
    'trace',
    'requests',
    'keys',
    'entries',
    ...caches.map(([name]) => name.replace(' (size, ttl)', '')),
    'optimum',
  ],
]
for (const path of positionals) {
  const trace = await readTrace(path)
  for (const part of PARTS) {
    const capacity = Math.max(1, Math.round(trace.distinct * part))
    const cells = [basename(path), `${trace.requests.length}`, `${trace.distinct}`, `${capacity}`]
    for (const [, load] of caches) cells.push(ratio(replay(await load(), trace, capacity), trace))
    cells.push(ratio(beladyHits(trace, capacity), trace))
    rows.push(cells)
  }
}
process.stdout.write(`${(values.markdown ? markdownTable : alignedTable)(rows)}\n`)

function replay(make: MakeCache, { requests, distinct }: Trace, capacity: number): number {
  const keys = Array.from({ length: distinct }, (_, number) => `key ${number}`)
  const cache = make(capacity)
  const value = {}
  let hits = 0
  for (const number of requests) {
    const key = keys[number]!
    if (cache.get(key) === undefined) cache.set(key, value)
    else hits++
  }
  return hits
}

function ratio(hits: number, { requests }: Trace): string {
  return (hits / requests.length).toFixed(3)
}
