/**
 * What peers of ours tell each other beside the bytes of a value. A peer in Go sends none of it, ignores what it gets,
 * and is understood without.
 */

/**
 * On every answer: that a peer of ours gave it, which takes batches and removals as well, and in which version. A
 * request need not say it; one that says another version is refused.
 */
export const protocolHeader = 'geecache-protocol'
export const protocolVersion = '1'

/** Milliseconds the value has left to live, whole, rounded down; absent: it does not expire. */
export const ttlHeader = 'geecache-ttl-ms'

/** How many requests a second the owner has had for this key of late, from all peers together. */
export const qpsHeader = 'geecache-qps'

/** Why there is no value; the body is the message. */
export const codeHeader = 'geecache-code'

/** Milliseconds until the asking peer gives up, so that nothing is done for it afterwards. */
export const timeoutHeader = 'geecache-timeout-ms'

/** What the answer is to, see {@link echoOf}: a confused proxy must not make one key's value another's. */
export const echoHeader = 'geecache-echo'

/**
 * The path as it was sent, on requests whose path a `URL` can't hold, see {@link pathHeaders}: servers that hand over
 * nothing but a `Request` have lost it.
 */
export const pathHeader = 'geecache-path'

/** A cache-control of this value asks for what is in memory, and for nothing that would have to be waited for. */
export const onlyIfCached = 'only-if-cached'

/** On a PUT: what its first round has reserved for it, without which the value is taken in any case. */
export const reservationHeader = 'geecache-reservation'

/** The media type of a value as our own peers set it, in every dialect. */
export const rawType = 'application/octet-stream'
