import { HTTPClient } from '../src/client/http-client.ts'
import { LoopWatch } from '../src/loop-watch.ts'
import type { HTTPPoolOptions } from '../src/options.ts'
import { resolveOptions } from '../src/resolve-options.ts'
import { newPoolCounters, type PoolCounters } from '../src/stats.ts'

/** A client as a pool with these options would make it. */
export function newClient(
  url: string,
  options: HTTPPoolOptions = {},
  counters: PoolCounters = newPoolCounters(),
): HTTPClient {
  const resolved = resolveOptions(options)
  const link = {
    ...resolved,
    handoverTimeoutMs: resolved.handover?.timeoutMs ?? resolved.timeoutMs,
    maxConnections: resolved.maxConnectionsPerPeer,
  }
  return new HTTPClient(url, link, { counters, watch: new LoopWatch(), mayOpen: () => true })
}
