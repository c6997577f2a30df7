import type { Patch } from '../bundle.ts'

/** Something in the packages that keeps a case from failing, and how to build them without it. */
export interface Defence {
  readonly name: string
  /** What is so without it. */
  readonly means: string
  readonly patches: readonly Patch[]
  /** The cases that must fail then. */
  readonly breaks: readonly string[]
}

/**
 * Each is a change of a few places in a copy of the source; the packages themselves know no switch. A patch that does
 * not find its place any more fails the build, and says so.
 */
export const defences: readonly Defence[] = [
  {
    name: 'fence',
    means: 'what was on its way when its key was removed is kept all the same',
    patches: [
      {
        file: 'core/src/lookup.ts',
        text: 'const isKept = isHot && pass.valid',
        replacement: 'const isKept = isHot',
      },
      {
        file: 'core/src/lookup.ts',
        text: 'if (pass.valid) this.#holdings.keep(key, entry)',
        replacement: 'this.#holdings.keep(key, entry)',
      },
    ],
    breaks: ['C4'],
  },
  {
    name: 'second-round',
    means: 'peers are told of a removal once',
    patches: [
      {
        file: 'core/src/rounds.ts',
        text: '  notice.here(2)\n  const last = [...peers()]\n  await tell(last, 2)\n',
        replacement: '  const last = [...peers()]\n',
      },
    ],
    breaks: ['C4'],
  },
  {
    name: 'arrears',
    means: 'a peer that missed a removal is never told',
    patches: [
      {
        file: 'core/src/removals.ts',
        text: 'for (const peer of missed.keys()) this.#arrears.owe(peer, keys)',
        replacement: '',
      },
    ],
    breaks: ['C5'],
  },
  {
    name: 'single-flight',
    means: 'every get that misses asks or loads by itself',
    patches: [
      {
        file: 'core/src/fenced-flights.ts',
        text: 'return this.#flights.do(key, (alone) => this.#start(key, run, alone), { signal })',
        replacement: 'return this.#start(key, run, signal)',
      },
      {
        file: 'core/src/fenced-flights.ts',
        text: 'if (signal === undefined) return this.#flights.do(key, () => this.#start(key, run, undefined))',
        replacement: '',
      },
      {
        file: 'core/src/group.ts',
        text: 'const shared = signal === undefined ? gets.get(key) : undefined',
        replacement: 'const shared = undefined',
      },
    ],
    breaks: ['C14'],
  },
  {
    name: 'origin-word',
    means: 'what the origin refused is tried again by who asked',
    patches: [
      {
        file: 'core/src/lookup.ts',
        text: 'if (signal?.aborted || isOriginError(error)) throw error',
        replacement: 'if (signal?.aborted) throw error',
      },
    ],
    breaks: ['C12'],
  },
  {
    name: 'stand-in',
    means: 'without its owner, each process loads a key for itself',
    patches: [
      {
        file: 'core/src/lookup.ts',
        text: 'if (failed.size >= mostPeersAsked) return undefined',
        replacement: 'return undefined',
      },
    ],
    breaks: ['C15'],
  },
  {
    name: 'one-hop',
    means: 'what a peer asks for is asked of the owner in turn',
    patches: [
      {
        file: 'core/src/local-peer.ts',
        text: 'await this.#lookup.own(key, request?.signal)',
        replacement: 'await this.#lookup.find(key, request?.signal)',
      },
    ],
    breaks: ['D2'],
  },
  {
    name: 'load-limit',
    means: 'any number of loads run at a time',
    patches: [
      {
        file: 'core/src/load-gate.ts',
        text: 'if (this.#running >= this.#options.maxConcurrent) await',
        replacement: 'if (this.#running >= Number.POSITIVE_INFINITY) await',
      },
    ],
    breaks: ['A13'],
  },
  {
    name: 'load-timeout',
    means: 'a load may take for ever',
    patches: [
      {
        file: 'core/src/origin.ts',
        text: 'if (loadTimeoutMs === undefined) return this.#ask(key, waiting)',
        replacement: 'if (loadTimeoutMs !== null) return this.#ask(key, waiting)',
      },
    ],
    breaks: ['C2'],
  },
  {
    name: 'budget',
    means: 'main and hot may each have all of the bytes, and half as many again',
    patches: [
      {
        file: 'core/src/caches.ts',
        text: 'while (this.#main.bytes + this.#hot.bytes + size > maxBytes) {',
        replacement: 'while (this.#main.bytes + this.#hot.bytes + size > 1.5 * maxBytes) {',
      },
      {
        file: 'core/src/caches.ts',
        text: "return new LRUCache({ maxBytes, policy: 'sieve', ...(now && { now }) })",
        replacement:
          "return new LRUCache({ maxBytes: 1.5 * maxBytes, policy: 'sieve', ...(now && { now }) })",
      },
    ],
    breaks: ['D10'],
  },
  {
    name: 'hot-copies',
    means: 'no copies are kept of what others own',
    patches: [
      {
        file: 'core/src/lookup.ts',
        text: 'const isKept = isHot && pass.valid',
        replacement: 'const isKept = isHot && pass === undefined',
      },
    ],
    breaks: ['D15'],
  },
  {
    name: 'deadline',
    means: 'a call to a peer may take for ever',
    patches: [
      {
        file: 'http/src/client/deadlines.ts',
        text: 'this.#timer ??= setTimeout(this.#expire, this.timeoutMs)',
        replacement: '',
      },
    ],
    breaks: ['A11'],
  },
  {
    name: 'breaker',
    means: 'a peer that fails is asked again and again',
    patches: [
      {
        file: 'http/src/client/peer-link.ts',
        text: 'this.breaker = options.breaker && new Breaker(',
        replacement: 'this.breaker = undefined && new Breaker(',
      },
    ],
    breaks: ['A2', 'H1'],
  },
  {
    name: 'breaker-ceiling',
    means: 'any number of peers may be left alone',
    patches: [
      {
        file: 'http/src/http-pool.ts',
        text: 'return out + 1 <= this.#members.size / 2',
        replacement: 'return out >= 0',
      },
    ],
    breaks: ['A13'],
  },
  {
    name: 'loop-watch',
    means: 'who was away himself blames his peers',
    patches: [
      {
        file: 'http/src/client/peer-link.ts',
        text: ' && !this.#watch.wasLateSince(askedAt)',
        replacement: '',
      },
    ],
    breaks: ['A12'],
  },
  {
    name: 'retry',
    means: 'a request that crossed the end of its connection is not sent again',
    patches: [
      {
        file: 'http/src/client/connections.ts',
        text: 'if (!this.#retried && !this.#started && isStale(error)) {',
        replacement: 'if (this.#retried && !this.#started && isStale(error)) {',
      },
    ],
    breaks: ['A8'],
  },
  {
    name: 'length',
    means: 'a body may end where its connection does',
    patches: [
      {
        file: 'http/src/client/lone-get.ts',
        text: "if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) {",
        replacement: "if (headers['content-length'] === 'never') {",
      },
    ],
    breaks: ['A4'],
  },
  {
    name: 'value-limit',
    means: 'a value is read, however long',
    patches: [
      {
        file: 'http/src/client/whole-answer.ts',
        text: 'if (chunk.length <= room) {',
        replacement: 'if (chunk.length <= room || !isRefusal) {',
      },
    ],
    breaks: ['A5'],
  },
  {
    name: 'media-type',
    means: 'any body is a value',
    patches: [
      {
        file: 'http/src/client/lone-get.ts',
        text: 'if (type !== valueType) return',
        replacement: 'if (type === valueType && type !== valueType) return',
      },
    ],
    breaks: ['A7'],
  },
  {
    name: 'echo',
    means: 'an answer need not say what it is to',
    patches: [
      {
        file: 'http/src/client/lone-get.ts',
        text: 'if (echo !== undefined && echo !== echoOf(this.#get.group, this.#get.key)) {',
        replacement: "if (echo !== undefined && echo === echoOf('', this.#get.key)) {",
      },
    ],
    breaks: ['A7'],
  },
  {
    name: 'secret',
    means: 'everybody knows the secret',
    patches: [
      {
        file: 'http/src/server/secret.ts',
        text: 'if (this.#digests.length === 0) return true',
        replacement: 'if (this.#digests.length >= 0) return true',
      },
    ],
    breaks: ['B7'],
  },
  {
    name: 'request-limit',
    means: 'node looks for slow requests every 30 seconds, as it does by default',
    patches: [
      {
        file: 'http/src/server/node-server.ts',
        text: 'const connectionsCheckingInterval = 500',
        replacement: 'const connectionsCheckingInterval = 30_000',
      },
    ],
    breaks: ['B12'],
  },
  {
    name: 'connection-limit',
    means: 'any number of connections is taken',
    patches: [
      {
        file: 'http/src/server/node-server.ts',
        text: 'server.maxConnections = maxConnections',
        replacement: 'void maxConnections',
      },
    ],
    breaks: ['B13'],
  },
]
