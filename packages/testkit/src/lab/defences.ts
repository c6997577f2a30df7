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
        file: 'core/src/fetch.ts',
        text: 'if (!isHot || !this.#landing.valid) return',
        replacement: 'if (!isHot) return',
      },
      {
        file: 'core/src/lookup.ts',
        text: 'if (pass.valid) this.holdings.keep(key, entry)',
        replacement: 'this.holdings.keep(key, entry)',
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
        text: 'if (!latest?.valid) return',
        replacement: 'if (true) return',
      },
      {
        file: 'core/src/fenced-flights.ts',
        text: 'latest?.valid ? latest.outcome : ',
        replacement: '',
      },
      {
        file: 'core/src/fenced-flights.ts',
        text: 'return this.#leavable.do(key, joinOrStart, { signal })',
        replacement: 'return joinOrStart(signal)',
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
        file: 'core/src/fetch.ts',
        text: 'if (this.#signal?.aborted || isOriginError(error)) {',
        replacement: 'if (this.#signal?.aborted) {',
      },
    ],
    breaks: ['C12', 'C3'],
  },
  {
    name: 'stand-in',
    means: 'without its owner, each process loads a key for itself',
    patches: [
      {
        file: 'core/src/fetch.ts',
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
        text: '    this.#lookup\n      .own(key, request?.signal)',
        replacement: `
    const owner = this.#holdings.peers?.pickPeer(key)
    if (owner !== undefined) {
      this.#lookup.fetch(owner, key, request?.signal).then(
        (text) => answer.succeed({ bytes: new TextEncoder().encode(text) }),
        (error) => answer.fail(error),
      )
      return
    }
    this.#lookup
      .own(key, request?.signal)`,
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
    breaks: ['A13', 'B15', 'C13'],
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
    breaks: ['C2', 'C10'],
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
        file: 'core/src/fetch.ts',
        text: 'if (!isHot || !this.#landing.valid) return',
        replacement: 'if (isHot || !isHot) return',
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
    breaks: ['A11', 'A3'],
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
    name: 'catching-up',
    means: 'who wakes from a stall takes all that he finds for new',
    patches: [
      {
        file: 'http/src/server/peer-server.ts',
        text: 'const reply = this.#watch.isCatchingUp',
        replacement: 'const reply = this.#watch.isLate',
      },
      {
        file: 'http/src/server/exchange.ts',
        text: 'return !this.#request.socket.writable',
        replacement: 'return this.#request.socket.destroyed',
      },
    ],
    breaks: ['A11'],
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
  {
    name: 'failure-codes',
    means: 'callers are told what the getter threw, as it is',
    patches: [
      {
        file: 'core/src/origin.ts',
        text: "return this.#failure('load-failed', 'the getter', key, error)",
        replacement: 'return error as GeeCacheError',
      },
    ],
    breaks: ['C1'],
  },
  {
    name: 'well-formed-keys',
    means: 'any string is a key',
    patches: [
      {
        file: 'core/src/key.ts',
        text: "if (!key.isWellFormed()) return 'not",
        replacement: "if (!key.isWellFormed() && maxBytes < 0) return 'not",
      },
      {
        file: 'http/src/wire/path.ts',
        text: 'encodeURIComponent(key)}',
        replacement: 'encodeURIComponent(key.toWellFormed())}',
      },
    ],
    breaks: ['B2'],
  },
  {
    name: 'key-limit',
    means: 'a key may be of any length',
    patches: [
      {
        file: 'core/src/key.ts',
        text: 'utf8Length(key) <= maxBytes)',
        replacement: 'utf8Length(key) <= maxBytes * 10_000)',
      },
    ],
    breaks: ['B3'],
  },
  {
    name: 'message-limit',
    means: 'an error text may be of any length',
    patches: [
      {
        file: 'http/src/wire/refusal.ts',
        text: 'message: String(error.message).slice(0, longestMessage) }',
        replacement: 'message: String(error.message) }',
      },
    ],
    breaks: ['B6'],
  },
  {
    name: 'all-secrets',
    means: 'only the first secret is accepted',
    patches: [
      {
        file: 'http/src/server/secret.ts',
        text: 'for (const digest of this.#digests) if',
        replacement: 'for (const digest of this.#digests.slice(0, 1)) if',
      },
    ],
    breaks: ['B9'],
  },
  {
    name: 'change-types',
    means: 'a change may be of any media type',
    patches: [
      {
        file: 'http/src/server/group-server.ts',
        text: 'if (type !== askType && type !== dropType) return refusalReply(wrongType)',
        replacement: '',
      },
    ],
    breaks: ['B10'],
  },
  {
    name: 'strict-parser',
    means: 'node’s parser takes what it should not',
    patches: [
      {
        file: 'http/src/server/node-server.ts',
        text: '      connectionsCheckingInterval,\n',
        replacement: '      connectionsCheckingInterval,\n      insecureHTTPParser: true,\n',
      },
    ],
    breaks: ['B11'],
  },
  {
    name: 'own-options',
    means: 'an option may be one that all objects have',
    patches: [
      {
        file: 'http/src/resolve-options.ts',
        text: 'demand(Object.hasOwn(known, name),',
        replacement: 'demand(name in known,',
      },
    ],
    breaks: ['B14'],
  },
  {
    name: 'no-credentials',
    means: 'a list of peers may hold credentials',
    patches: [
      {
        file: 'http/src/peer-url.ts',
        text: "if (url.username !== '' || url.password !== '') throw invalid('(hidden)', scheme, 'holds credentials')",
        replacement: '',
      },
    ],
    breaks: ['B16'],
  },
  {
    name: 'host-names',
    means: 'a certificate may be for another name',
    patches: [
      {
        file: 'http/src/client/connections.ts',
        text: 'connect: { timeout: timeoutMs, ...tls },',
        replacement: 'connect: { timeout: timeoutMs, ...tls, checkServerIdentity: () => undefined },',
      },
    ],
    breaks: ['A14'],
  },
  {
    name: 'listeners',
    means: 'a signal keeps the listener that it was given',
    patches: [
      {
        file: 'singleflight/src/singleflight.ts',
        text: "if (!seats.size) signal.removeEventListener('abort', this.#onAbort)",
        replacement: '',
      },
    ],
    breaks: ['C9'],
  },
  {
    name: 'frozen',
    means: 'callers may write into what they share',
    patches: [
      {
        file: 'core/src/json-size.ts',
        text: '    Object.freeze(value)\n',
        replacement: '',
      },
    ],
    breaks: ['C11'],
  },
  {
    name: 'spelling',
    means: 'peers are told apart by how they are spelled',
    patches: [
      {
        file: 'http/src/http-pool.ts',
        text: '[this.#normalize(peer), this.#options.ring ? peer : undefined]',
        replacement: '[this.#normalize(peer) === this.self ? this.self : peer, undefined]',
      },
    ],
    breaks: ['D4'],
  },
  {
    name: 'hand-over',
    means: 'a new owner starts with nothing',
    patches: [
      {
        file: 'core/src/lookup.ts',
        text: 'const handedOver = previous && (await this.#takeOver(previous, key, pass))',
        replacement: 'const handedOver = previous && undefined',
      },
    ],
    breaks: ['D6'],
  },
  {
    name: 'drain',
    means: 'who leaves cuts all connections',
    patches: [
      {
        file: 'http/src/http-pool.ts',
        text: 'this.#nodeServer.close(drainMs)',
        replacement: 'this.#nodeServer.close(0)',
      },
    ],
    breaks: ['D7'],
  },
  {
    name: 'remaining-life',
    means: 'a copy lives as long as the value did at first',
    patches: [
      {
        file: 'core/src/local-peer.ts',
        text: 'return sentValue(entry, this.#options.now(), qps)',
        replacement: 'return { ...sentValue(entry, 0, qps), ttlMs: this.#options.ttlMs }',
      },
    ],
    breaks: ['D8'],
  },
  {
    name: 'jitter',
    means: 'what was loaded together expires together',
    patches: [
      {
        file: 'core/src/origin.ts',
        text: 'return ttlMs * (1 - Math.random() * this.#options.ttlJitter)',
        replacement: 'return ttlMs',
      },
    ],
    breaks: ['D9'],
  },
  {
    name: 'too-large',
    means: 'a value that can never fit drives all others out',
    patches: [
      {
        file: 'core/src/caches.ts',
        text: 'const isShort = this.#main.bytes',
        replacement: 'if (size > maxBytes) this.clear()\n    const isShort = this.#main.bytes',
      },
    ],
    breaks: ['D11'],
  },
  {
    name: 'scan-resistance',
    means: 'what was not used for longest has to leave',
    patches: [
      {
        file: 'core/src/caches.ts',
        text: "return new LRUCache({ maxBytes, policy: 'sieve', ...(now && { now }) })",
        replacement: "return new LRUCache({ maxBytes, policy: 'lru', ...(now && { now }) })",
      },
    ],
    breaks: ['D14'],
  },
  {
    name: 'queue-limit',
    means: 'any number of loads may wait for their turn',
    patches: [
      {
        file: 'core/src/load-gate.ts',
        text: 'if (this.#line.size >= this.#options.maxQueued) {',
        replacement: 'if (this.#line.size >= Number.POSITIVE_INFINITY) {',
      },
    ],
    breaks: ['D12'],
  },
  {
    name: 'complete-answers',
    means: 'an answer in frames may end before it is complete',
    patches: [
      {
        file: 'http/src/wire/frames.ts',
        text: 'if (this.#left > 0) throw new FrameError(',
        replacement: 'if (this.#left < 0) throw new FrameError(',
      },
    ],
    breaks: ['A6'],
  },
]
