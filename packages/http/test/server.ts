import type { PeerGetter } from '@geecache/core'
import { LoopWatch } from '../src/loop-watch.ts'
import type { HTTPPoolOptions } from '../src/options.ts'
import { resolveOptions } from '../src/resolve-options.ts'
import { NodeServer } from '../src/server/node-server.ts'
import { PeerServer } from '../src/server/peer-server.ts'
import { newPoolCounters, type PoolCounters } from '../src/stats.ts'

export interface TestServer {
  readonly peers: PeerServer
  readonly node: NodeServer
  readonly counters: PoolCounters
  readonly watch: LoopWatch
}

/** The server side of a pool with these options. */
export function newServer(options: HTTPPoolOptions = {}): TestServer {
  const resolved = resolveOptions(options)
  const counters = newPoolCounters()
  const watch = new LoopWatch()
  const peers = new PeerServer(resolved, counters, watch)
  const node = new NodeServer(peers, resolved, resolved.tls, counters)
  return { peers, node, counters, watch }
}

const nothing = async () => {}

/** A group that answers gets with `get`, and does nothing else unless told so. */
export function localPeer(get: PeerGetter['get'], rest: Partial<PeerGetter> = {}): Required<PeerGetter> {
  const ask: Required<PeerGetter>['ask'] = (group, key, answer, request) => {
    get(group, key, request).then(
      (value) => answer.succeed(value),
      (error) => answer.fail(error),
    )
  }
  return { name: 'local', get, ask, set: nothing, remove: nothing, clear: nothing, ...rest }
}
